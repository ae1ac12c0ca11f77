#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# How long this machine takes to evaluate 1,000 windows, by mote and by LiteRT (PyPI ai-edge-litert) in the same run,
# one thread each. In: MOTE_DATA, the program build/mote (or MOTE_PROGRAM); run by build/oracles/bin/python. Out: a
# table, printed and as a section of bench/RESULTS.md. For information: times differ from machine to machine and from
# run to run, so only the ratio says something; how many answers differ is what LiteRT's other rounding makes.
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
from models import tflite_folder
from results import write_section
from tiny import MODELS

WINDOWS, FEW = 1000, 10
RUNS = 3
HEAD = """## Evaluation on a host

`make bench-host` writes this section: seconds for 1,000 windows of random numbers on one thread, the fastest of three
runs, all in one run on one machine. Of mote what 10 windows take is taken off, as its program starts anew each time.

| model | mote | LiteRT | ratio | outputs that differ |
| --- | --- | --- | --- | --- |
"""


def int8_scale(interpreter):
    scale, zero = interpreter.get_input_details()[0]["quantization"]
    return np.float32(scale), zero


def by_litert(model, x):
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(str(model), num_threads=1)
    interpreter.allocate_tensors()
    scale, zero = int8_scale(interpreter)
    integers = np.clip(np.rint(x / scale) + zero, -128, 127).astype(np.int8)
    into = interpreter.get_input_details()[0]["index"]
    out = interpreter.get_output_details()[0]["index"]
    best, outputs = float("inf"), []
    for _ in range(RUNS):
        begin, outputs = time.perf_counter(), []
        for window in integers:
            interpreter.set_tensor(into, window)
            interpreter.invoke()
            outputs.append(interpreter.get_tensor(out))
        best = min(best, time.perf_counter() - begin)
    return best, np.stack(outputs)


def by_mote(program, model, x, root):
    folder = pathlib.Path(root, f"{model.stem}_{len(x)}")
    folder.mkdir()
    np.save(folder / "x.npy", x)
    np.save(folder / "labels.npy", np.zeros(len(x), np.int32))
    best = float("inf")
    for _ in range(RUNS):
        begin = time.perf_counter()
        subprocess.run([program, "evaluate", str(model), "--data", str(folder), "--out", str(folder / "out"), "--quiet",
                        "--json"], check=True, stdout=subprocess.DEVNULL)
        best = min(best, time.perf_counter() - begin)
    return best, np.load(folder / "out/output_0.npy")


def row(program, name, model, root):
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(str(model))
    scale, zero = int8_scale(interpreter)
    shape = interpreter.get_input_details()[0]["shape"]
    numbers = np.random.default_rng(12345).integers(-128, 128, (WINDOWS, *shape))
    x = ((numbers - zero) * scale).astype(np.float32)
    started, _ = by_mote(program, model, x[:FEW], root)
    seconds, own = by_mote(program, model, x, root)
    seconds = (seconds - started) * WINDOWS / (WINDOWS - FEW)
    other, theirs = by_litert(model, x)
    differing = 100 * np.mean(own.reshape(-1) != theirs.reshape(-1))
    return f"| {name} | {seconds:.2f} | {other:.2f} | {seconds / other:.1f} | {differing:.1f} % |\n"


def main():
    program = os.environ.get("MOTE_PROGRAM", "build/mote")
    folder = tflite_folder()
    text = HEAD
    print(HEAD, end="", flush=True)
    with tempfile.TemporaryDirectory() as root:
        for name, model in MODELS.items():
            text += row(program, name, folder / f"{model}.tflite", root)
            print(text.splitlines()[-1], flush=True)
    write_section(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
