#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Breaks every rule of tidy.py on purpose in a small tree, one at a time; that rule, and no other, has to say so.
import contextlib
import io
import os
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import tidy  # noqa: E402
from tree import Tree, functions_in  # noqa: E402

TOP = "// SPDX-License-Identifier: Apache-2.0\n// What it is. In: this. Out: that.\n"
CLEAN = {
    "CMakeLists.txt": "project(mote VERSION 1.2.3)\n",
    "README.md": "# mote\n\n[the core](core/README.md)\n",
    "core/README.md": "# core\n",
    "core/words.h": TOP + "#include <stdint.h>\n",
    "graph/README.md": "# graph\n",
    "graph/graph.cc": TOP + '#include "core/words.h"\nint f(int x) {\n  return x;\n}\n',
    "ops/README.md": "# ops\n",
    "ops/ops.def": "MOTE_OP(nn, add)\n",
    "ops/nn/add/add.h": TOP + '#include "core/words.h"\n',
    "ops/nn/add/add.cc": TOP + '#include "ops/nn/add/add.h"\n',
    "apps/cli/verbs.def": "MOTE_VERB(run)\n",
    "apps/cli/commands/run.cc": TOP + '#include "graph/graph.h"\nvoid add_run(int) {}\n',
}
BREAKS = {
    "include_direction": [("graph/graph.cc", '#include "ops/nn/add/add.h"'), ("core/words.h", '#include "apps/x.h"')],
    "foreign_types": [("graph/graph.cc", "#include <torch/torch.h>")],
    "heavy_headers": [("graph/graph.h", TOP + "#include <fmt/format.h>")],
    "device_is_freestanding": [("core/words.h", "#include <vector>"), ("ops/nn/add/add.h", "int* p = new int;")],
    "purpose": [("graph/bare.cc", "int x;"), ("graph/bare.h", "// SPDX-License-Identifier: Apache-2.0\n#pragma once")],
    "names": [("graph/text_utils.cc", TOP), ("graph/graph.cc", "class GraphManager;"),
              ("graph/graph.cc", "int scale_helper(int x) {\n}")],
    "columns": [("graph/graph.cc", "// " + "x" * 120)],
    "length": [("graph/graph.cc", "\n" * 501), ("graph/graph.cc", "int g(int x) {\n" + "  ++x;\n" * 70 + "}")],
    "no_machine_paths": [("README.md", "see /home" + "/ann/mote")],
    "no_registry_hosts": [("README.md", "from https://pypi" + ".org/simple")],
    "ops_def": [("ops/nn/mul/mul.cc", TOP), ("ops/ops.def", "MOTE_OP(nn, sub)"), ("ops/ops.def", "MOTE_OP(nn, add)")],
    "verbs_def": [("apps/cli/verbs.def", "MOTE_VERB(fly)"), ("apps/cli/commands/fly.cc", TOP + "void add_fly(int) {}")],
    "one_version": [("graph/graph.cc", 'const char* v = "mote 1.2.3";')],
    "documents": [("README.md", "[gone](gone.md)"), ("README.md", "\n" * 121), ("data/csv.cc", TOP)],
}


def in_folder(files, judge):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
        return judge(folder)


def faults_of(files):
    return in_folder(files, lambda folder: {n for n, rule in tidy.RULES.items() for _ in rule(Tree(folder))})


def main_says(files):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = in_folder(files, tidy.main)
    return status, said.getvalue()


class TidyTest(unittest.TestCase):
    def test_a_clean_tree_has_no_faults(self):
        self.assertEqual(faults_of(CLEAN), set())

    def test_every_rule_is_broken_below(self):
        self.assertEqual(set(BREAKS), set(tidy.RULES))

    def test_each_rule_sees_its_fault_and_no_other(self):
        for rule, breaks in BREAKS.items():
            for file, text in breaks:
                with self.subTest(rule=rule, file=file):
                    files = dict(CLEAN)
                    files[file] = files.get(file, "") + text + "\n"
                    self.assertEqual(faults_of(files), {rule})

    def test_a_debt_that_is_written_down_is_no_fault_and_is_noted_once_paid(self):
        wide = dict(CLEAN)
        wide["graph/graph.cc"] += "// " + "x" * 120 + "\n"
        self.assertEqual(main_says(wide)[0], 1)
        wide["tests/tidy/debts.txt"] = "columns graph/graph.cc  # to be wrapped\n"
        self.assertEqual(main_says(wide)[0], 0)
        paid = dict(CLEAN)
        paid["tests/tidy/debts.txt"] = "columns graph/graph.cc\n"
        status, said = main_says(paid)
        self.assertEqual(status, 0)
        self.assertIn("is paid", said)

    def test_functions_are_measured_whole(self):
        text = TOP + ("namespace a {\nclass B {\n  int f() {\n    const auto g = [](int x) {\n      return x;\n    };\n"
                      "    return g('{') + sizeof \"}\";  // }\n  }\n};\nint h(int) { return 1; }\n}\n")
        self.assertEqual([(count, name) for _, count, name in functions_in(text)], [(6, "f"), (1, "h")])


if __name__ == "__main__":
    unittest.main()
