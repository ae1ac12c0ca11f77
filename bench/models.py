#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Every .tflite model of the shared data as verified firmware: what it takes on a Cortex-M4F and an M55, and whether
# every layer equals the host's evaluation. In: MOTE_DATA, the program build/mote (or MOTE_PROGRAM). Out: a table;
# status 1 if a model that fits differs or fails.
import json
import os
import pathlib
import subprocess
import sys

BOARDS = ("nucleo-l4r5zi", "corstone-300")


def run(program, model, board, *options):
    done = subprocess.run([program, "run", str(model), "--board", board, "--json", "--quiet", *options],
                          capture_output=True, text=True)
    if done.returncode == 0:
        return json.loads(done.stdout)
    return done.stderr.strip().splitlines()[0] if done.stderr else "no answer"


def tflite_folder():
    """The models of MOTE_DATA; without it the program ends here."""
    if not os.environ.get("MOTE_DATA"):
        sys.exit("MOTE_DATA is not set; it names the folder that holds models/tflite")
    return pathlib.Path(os.environ["MOTE_DATA"], "models/tflite")


def is_equal(result):
    return result["bit_exact"] and result["self_test_passed"]


def equality(result):
    return "equal" if is_equal(result) else "DIFFERS: " + result["difference"]


def row(model, board, result):
    if isinstance(result, str):
        fits = "does-not-fit" not in result
        return f"| {model.stem} | {board} | {'FAILED: ' + result if fits else 'does not fit'} | | | | |", fits
    return (f"| {model.stem} | {board} | {equality(result)} | "
            f"{result['instructions']:.0f} | {result['ram_bytes']} | {result['flash_bytes']} | "
            f"{result['stack_bytes']} of {result['stack_bound_bytes']} |"), not is_equal(result)


def main():
    folder = tflite_folder()
    program = os.environ.get("MOTE_PROGRAM", "build/mote")
    print("| model | board | layers | instructions | RAM bytes | flash bytes | stack of bound |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    failed = 0
    for model in sorted(folder.glob("*.tflite")):
        for board in BOARDS:
            text, bad = row(model, board, run(program, model, board))
            print(text, flush=True)
            failed += bad
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
