#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Runs what README.md shows. In: README.md, the folder of the program `mote`. The blocks that are marked
# `<!-- readme_test: ... -->` are run: the transcript's commands one by one, each output compared line by line; the
# program compiled against the library that the transcript emitted, fed with samples. Out: the first line that differs
# and exit status 1; 77 ("skipped") where the data set cannot be had.
import os
import re
import subprocess
import sys
import tempfile

NUMBER = re.compile(r"\d+(?:\.\d+)?")
# What training may not move: these lines are compared with their numbers.
EXACT = ("held-out windows:", "verified ", "motions on ")
MAIN = """
#include <stdio.h>
static int decisions = 0;
static void report(const char* label) { ++decisions; puts(label); }
%s
int main() {
  if (!model.self_test()) return 2;
  int16_t imu[6] = {100, -200, 300, -400, 500, -600};
  for (int i = 0; i < 200; ++i) on_sample(imu);
  return decisions == 2 ? 0 : 1;
}
"""


def block(text, name):
    found = re.search(rf"<!-- readme_test: {name} -->\n```\w+\n(.*?)```", text, re.S)
    if not found:
        sys.exit(f"README.md has no block marked `readme_test: {name}`")
    return found.group(1)


def steps(transcript):
    """(command, expected lines): `$ ` begins a command, `> ` goes on with it."""
    found = []
    for line in transcript.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], []])
        elif line.startswith("> "):
            found[-1][0] += "\n" + line[2:]
        else:
            found[-1][1].append(line)
    return found


def masked(line):
    line = " ".join(line.split())
    return line if line.startswith(EXACT) else NUMBER.sub("#", line)


def first_mismatch(expected, actual):
    """None, or the expected line that did not come; `...` stands for any lines, empty lines do not matter."""
    expected, actual = ([line for line in lines if line.strip()] for lines in (expected, actual))
    at, anywhere = 0, False
    for line in expected:
        if line == "...":
            anywhere = True
            continue
        while anywhere and at < len(actual) and masked(actual[at]) != masked(line):
            at += 1
        if at >= len(actual) or masked(actual[at]) != masked(line):
            return f"expected: {line}\nactual:   {actual[at] if at < len(actual) else '(the output has ended)'}"
        at, anywhere = at + 1, False
    return None if anywhere or at == len(actual) else f"not in README.md: {actual[at]}"


def run_transcript(transcript, folder, environment):
    for command, expected in steps(transcript):
        done = subprocess.run(["sh", "-c", command], cwd=folder, env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        mismatch = first_mismatch(expected, done.stdout.splitlines())
        if done.returncode != 0 or mismatch:
            print(f"$ {command}\nexit status {done.returncode}\n{mismatch or ''}\n{done.stdout}{done.stderr}")
            return False
    return True


def run_program(program, folder):
    library = os.path.join(folder, "motions/build/firmware/library")
    source = os.path.join(folder, "main.cc")
    body = program.split('#include "model.h"', 1)[1]
    with open(source, "w", encoding="utf-8") as f:
        f.write('#include "model.h"\n' + MAIN % body)
    built = subprocess.run(["g++", "-std=c++17", "-Wall", "-Werror", "-ffp-contract=off", "-fno-tree-vectorize",
                            "-I", library, source, library + "/model.cc", library + "/weights.cc",
                            "-o", os.path.join(folder, "main")], check=False)
    if built.returncode != 0:
        print("the README's program does not compile")
        return False
    done = subprocess.run([os.path.join(folder, "main")], check=False)
    print(f"the README's program: exit status {done.returncode}")
    return done.returncode == 0


def main(root, program_folder):
    with open(os.path.join(root, "README.md"), encoding="utf-8") as f:
        readme = f.read()
    environment = dict(os.environ, PATH=program_folder + os.pathsep + os.environ.get("PATH", ""))
    got = subprocess.run(["mote", "data", "get", "basic-motions"], env=environment, text=True, capture_output=True,
                         check=False)
    if got.returncode == 1:
        print(f"SKIPPED: the data set basic-motions cannot be had, README.md is not tested: {got.stderr}")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        good = run_transcript(block(readme, "transcript"), folder, environment) and \
            run_program(block(readme, "program"), folder)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])))
