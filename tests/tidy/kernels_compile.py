#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Every header that an emitted model may include compiles by itself for every kind of core, as C++17, freestanding, with
# warnings as errors. In: the source tree. Out: the compiler's messages and exit status 1; 77 ("skipped") without it.
import os
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from tidy import device_files  # noqa: E402
from tree import Tree  # noqa: E402

COMPILER = "arm-none-eabi-g++" if shutil.which("arm-none-eabi-g++") else "arm-none-eabi-gcc"
CORES = {
    "cortex-m0": ["-mcpu=cortex-m0"],
    "cortex-m4f": ["-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"],
    "cortex-m55": ["-mcpu=cortex-m55", "-mfloat-abi=hard"],
}
FLAGS = ["-std=c++17", "-mthumb", "-O2", "-ffp-contract=off", "-fno-tree-vectorize", "-fno-exceptions", "-fno-rtti",
         "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-x", "c++"]


def compile_one(core, header, root):
    with tempfile.NamedTemporaryFile("w", suffix=".cc") as file:
        # Twice: a header guards itself.
        file.write(f'#include "{header}"\n#include "{header}"\n')
        file.flush()
        return subprocess.run([COMPILER, *CORES[core], *FLAGS, "-I", root, file.name], capture_output=True, text=True)


def main(root):
    if not shutil.which(COMPILER):
        print("SKIPPED: arm-none-eabi-gcc is not installed; kernels are not compiled for the cores")
        return 77
    headers = [f for f in device_files(Tree(root)) if f.endswith(".h") and f.startswith(("core/", "ops/"))]
    faults = 0
    for core in CORES:
        for header in headers:
            result = compile_one(core, header, root)
            if result.returncode != 0:
                print(f"{header} for {core}:\n{result.stderr}")
                faults += 1
    print(f"kernels: {len(headers)} headers, {len(CORES)} cores, {faults} faults")
    return 1 if faults or not headers else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
