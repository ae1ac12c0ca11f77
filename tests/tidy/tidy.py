#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The house rules, held by a machine. In: a source tree (default: the one this file lies in). Out: one line a fault,
# "file:line: what is wrong; what to do", and exit status 1 if there is any. A rule is a function `rule_*(tree)` that
# yields (file, line, text); tidy_test.py breaks each of them on purpose. Debts of today are in debts.txt.
import os
import re
import sys

sys.dont_write_bytecode = True
from tree import Tree, functions_in  # noqa: E402

# A room may include itself and these: the direction of the walk (ARCHITECTURE.md).
ROOMS = {
    "core": set(),
    "graph": {"core"},
    "ops": {"core", "graph"},
    "signal": {"core", "graph", "ops"},
    "device": {"core"},
    "ports": {"core", "device"},
    "data": {"core", "graph"},
    "quantize": {"core", "graph", "ops"},
    "compiler": {"core", "graph", "ops"},
    "runner": {"core", "graph"},
    "train": {"core", "graph", "ops"},
    "project": {"core", "graph", "ops", "signal", "data", "quantize", "compiler", "runner", "train"},
}
# What only the tests of a room may include besides (TEST_ROOMS of mote_room in CMake).
TEST_ROOMS = {"graph": {"ops"}, "train": {"quantize"}}

# Foreign types, and the only folders that may see them.
TORCH_FOLDERS = ("train/plugin/", "compiler/import/torchscript/plugin/")
FOREIGN = {
    r"torch/|ATen/|c10/": TORCH_FOLDERS,
    r"flatbuffers/|(tflite|executorch).*generated": (
        "compiler/import/", "compiler/emit/tflite/", "compiler/formats/", "tests/conformance/"),
    r"google/protobuf/|.*\.pb\.h": ("compiler/import/",),
}
HEAVY = re.compile(r"fmt/|nlohmann/|CLI/|toml\+\+/|sndfile|zip\.h|flatbuffers/|torch/")
DEVICE_HEADERS = {"stdint.h", "stddef.h", "string.h"}
# Headers of core/ that only the host includes.
HOST_CORE = {"core/twiddles.h"}

# Loaded into QEMU (GPL): under a licence that both sides know.
MIT_FILES = {"runner/plugin/count.cc", "runner/plugin/thumb.h", "runner/plugin/riscv.h"}

COLUMNS = 120  # clang-format aims at 100; beyond 120 a line is a fault
FILE_LINES = 500
FUNCTION_LINES = 70
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def includes(tree, file):
    for number, line in enumerate(tree.lines(file), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def is_test(file):
    name = os.path.basename(file)
    return name.endswith("_test.cc") or "test" in name or name.startswith("random_") or file.startswith("tests/")


def rule_include_direction(tree):
    for file in tree.sources():
        room = file.split("/")[0]
        for number, kind, target in includes(tree, file):
            to = target.split("/")[0]
            if kind == "<" or "/" not in target or to == room:
                continue
            if to == "apps":
                yield file, number, f"includes {target}; nothing includes apps/"
            allowed = ROOMS.get(room)
            if allowed is None or (is_test(file) and to in TEST_ROOMS.get(room, ())):
                continue
            if to in ROOMS and to not in allowed:
                yield file, number, f"{room}/ may not include {to}/; see ROOMS in tests/tidy/tidy.py"


def rule_foreign_types(tree):
    for file in tree.sources():
        for number, _, target in includes(tree, file):
            for pattern, folders in FOREIGN.items():
                if re.match(pattern, target) and not file.startswith(folders + ("tests/",)):
                    yield file, number, f"{target} may only be included in {', '.join(folders)}"


def rule_heavy_headers(tree):
    for file in tree.sources(".h"):
        for number, _, target in includes(tree, file):
            if HEAVY.match(target) and not file.startswith(TORCH_FOLDERS):
                yield file, number, f"{target} is heavy; include it in a .cc file"


def device_files(tree):
    """core/, device/, ports/ and the kernels ops/<room>/<name>/<name>[_<variant>].h, with all that these include."""
    waiting = [f for f in tree.sources() if f.startswith(("core/", "device/", "ports/")) and not is_test(f)]
    waiting += [f for f in tree.sources(".h") if re.fullmatch(r"ops/\w+/(\w+)/(\1|\w+_(dsp|mve|simd128))\.h", f)]
    seen = set()
    while waiting:
        file = waiting.pop()
        if file in seen or file in HOST_CORE or file.startswith("ports/host/"):
            continue
        seen.add(file)
        waiting += [t for _, kind, t in includes(tree, file) if kind == '"' and t in tree.files]
    return sorted(seen)


def rule_device_is_freestanding(tree):
    forbidden = re.compile(r"\b(new|malloc|calloc|realloc|throw|try|virtual|dynamic_cast|typeid|std::\w+)\b")
    for file in device_files(tree):
        for number, kind, target in includes(tree, file):
            if kind == "<" and target not in DEVICE_HEADERS and not target.startswith("arm_mve.h"):
                yield file, number, f"<{target}> on the device; only {', '.join(sorted(DEVICE_HEADERS))}"
        if file.endswith(".S"):
            continue
        for number, line in enumerate(tree.lines(file), 1):
            match = forbidden.search(re.sub(r'//.*|/\*.*|^\s*\*.*|"[^"]*"', "", line))
            if match:
                yield file, number, f"`{match.group(1)}` on the device"


def rule_purpose(tree):
    for file in tree.sources(".cc", ".h", ".S", ".py", ".sh", ".fbs"):
        lines = tree.lines(file)
        body = lines[1:] if lines and lines[0].startswith("#!") else lines
        licence = "MIT" if file in MIT_FILES else "Apache-2.0"
        if not body or f"SPDX-License-Identifier: {licence}" not in body[0]:
            yield file, 1, f"the first line is not `SPDX-License-Identifier: {licence}`"
        elif len(body) < 2 or not re.match(r'\s*(//|#(?!include|pragma|if)|\*|""")', body[1]):
            yield file, 2, "no purpose below the licence line: what it is, what comes in, what goes out"


def rule_names(tree):
    snake = r"(^|_)(util|helper|manager|impl)s?(_|$)"
    pascal = r"([a-z]|^)(Util|Helper|Manager|Impl)s?($|[A-Z])"
    bad = re.compile(f"{snake}|{pascal}")
    declared = re.compile(r"\b(?:class|struct|namespace|enum class|using)\s+(\w+)|\b(\w+)\([^;]*\)[^;]*\{\s*$")
    for file in tree.files:
        for part in file.split("/"):
            if bad.search(os.path.splitext(part)[0]):
                yield file, 1, f"'{part}' says nothing; name what it does"
    for file in tree.sources():
        for number, line in enumerate(tree.lines(file), 1):
            for match in declared.finditer(re.sub(r"//.*", "", line)):
                name = match.group(1) or match.group(2)
                if bad.search(name):
                    yield file, number, f"'{name}' says nothing; name what it does"


def rule_columns(tree):
    for file in tree.sources(".cc", ".h", ".S", ".py", ".sh"):
        for number, line in enumerate(tree.lines(file), 1):
            if len(line) > COLUMNS:
                yield file, number, f"{len(line)} columns, at most {COLUMNS}"


def rule_length(tree):
    for file in tree.sources(".cc", ".h", ".S", ".py", ".sh"):
        count = len(tree.lines(file))
        if count > FILE_LINES:
            yield file, FILE_LINES, f"{count} lines, at most {FILE_LINES}; split it by what it does"
    for file in tree.sources(".cc", ".h"):
        for first, count, name in functions_in(tree.text(file)):
            if count > FUNCTION_LINES:
                yield file, first, f"{name} has {count} lines, at most {FUNCTION_LINES}"


def rule_no_machine_paths(tree):
    pattern = re.compile(r"(?<![\w.])/(?:home|root|Users|work|workspace|builds|mnt)/\w")
    for file in tree.files:
        if file.startswith("tests/tidy/") or file.endswith((".ts", ".npz", ".wav", ".png")):
            continue
        for number, line in enumerate(tree.lines(file), 1):
            if pattern.search(line):
                yield file, number, "a path of somebody's machine"


def rule_no_registry_hosts(tree):
    pattern = re.compile(r"\b(pypi\.org|pythonhosted\.org|deb\.debian\.org|registry\.npmjs\.org|proxy\.golang\.org|"
                         r"crates\.io|artifactory|--index-url|--trusted-host)", re.I)
    for file in tree.files:
        if file.startswith("tests/tidy/"):
            continue
        for number, line in enumerate(tree.lines(file), 1):
            if pattern.search(line):
                yield file, number, "a registry's host: which one is used is the user's configuration"


def listed(tree, file, macro):
    if file not in tree.files:
        return []
    return re.findall(rf"^{macro}\(([^)]*)\)", tree.text(file), re.M)


def rule_ops_def(tree):
    rows = [tuple(word.strip() for word in row.split(",")) for row in listed(tree, "ops/ops.def", "MOTE_OP")]
    folders = {m.groups() for m in (re.fullmatch(r"ops/(\w+)/(\w+)/\2\.cc", f) for f in tree.files) if m}
    for row in sorted(set(rows) - folders):
        yield "ops/ops.def", 1, f"{row[1]} has no ops/{row[0]}/{row[1]}/{row[1]}.cc"
    for row in sorted(folders - set(rows)):
        yield "ops/ops.def", 1, f"the folder ops/{row[0]}/{row[1]} has no row"
    if rows != sorted(rows) or len(rows) != len(set(rows)):
        yield "ops/ops.def", 1, "the rows are not sorted, or one stands twice"


def rule_verbs_def(tree):
    rows = set(listed(tree, "apps/cli/verbs.def", "MOTE_VERB"))
    files = {m.group(1) for m in (re.fullmatch(r"apps/cli/commands/(\w+)\.cc", f) for f in tree.files) if m}
    for name in sorted(rows - files):
        yield "apps/cli/verbs.def", 1, f"the verb {name} has no commands/{name}.cc"
    for name in sorted(files):
        if name not in rows and f"add_{name}(" in tree.text(f"apps/cli/commands/{name}.cc"):
            yield "apps/cli/verbs.def", 1, f"commands/{name}.cc has no row"


def rule_one_version(tree):
    match = re.search(r"project\(mote VERSION (\d+\.\d+\.\d+)", tree.text("CMakeLists.txt"))
    if not match:
        yield "CMakeLists.txt", 1, "project(mote VERSION ...) is the one place of the version, and is not there"
        return
    for file in tree.sources(".cc", ".h", ".txt", ".cmake", ".py", ".sh", "Makefile"):
        for number, line in enumerate(tree.lines(file), 1):
            if re.search(rf'\bmote["\s=:v]+{re.escape(match.group(1))}\b', line):
                yield file, number, "the version again; it stands in CMakeLists.txt alone"


def rule_documents(tree):
    limits = {"README.md": 120, "ARCHITECTURE.md": 250}
    for file in [f for f in tree.files if f.endswith(".md")]:
        folder = os.path.dirname(file)
        room = file.endswith("README.md") and folder in set(ROOMS) | {"apps", "boards", "tests", "tools"}
        limit = 30 if room else limits.get(file, 10**6)
        lines = tree.lines(file)
        if len(lines) > limit:
            yield file, limit, f"{len(lines)} lines, at most {limit}"
        for number, line in enumerate(lines, 1):
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", line):
                path = os.path.normpath(os.path.join(folder, target))
                if "://" not in target and not os.path.exists(os.path.join(tree.root, path)):
                    yield file, number, f"the link to {target} leads nowhere"
    for room in sorted(ROOMS):
        if any(f.startswith(room + "/") for f in tree.files) and f"{room}/README.md" not in tree.files:
            yield f"{room}/README.md", 1, "the room has no README.md: in, out, may include, may not"


RULES = {name[5:]: rule for name, rule in sorted(globals().items()) if name.startswith("rule_")}


def read_debts(path):
    """Lines `rule file`, or `rule *` for all files: faults known today, each with its reason beside it."""
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8") as f:
        rows = (line.split("#")[0].split() for line in f)
        return {(row[0], row[1]) for row in rows if len(row) == 2}


def main(root):
    tree = Tree(root)
    debts = read_debts(os.path.join(root, "tests/tidy/debts.txt"))
    faults, used = 0, {}
    for name, rule in RULES.items():
        for file, line, text in rule(tree):
            debt = next((key for key in ((name, file), (name, "*")) if key in debts), None)
            if debt:
                used[debt] = used.get(debt, 0) + 1
                continue
            print(f"{file}:{line}: {text} [{name}]")
            faults += 1
    for (name, file), count in sorted(used.items()):
        print(f"note: debt: {count} faults [{name}] in {file}")
    for name, file in sorted(debts - set(used)):
        print(f"note: tests/tidy/debts.txt: '{name} {file}' is paid; remove the line")
    print(f"tidy: {len(tree.files)} files, {len(RULES)} rules, {faults} faults, {sum(used.values())} known and owed")
    return 1 if faults else 0


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    sys.exit(main(os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(here))))
