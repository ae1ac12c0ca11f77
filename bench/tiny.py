#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The five models of MLPerf Tiny as verified firmware beside TensorFlow Lite Micro with CMSIS-NN. In: MOTE_DATA, the
# program build/mote (or MOTE_PROGRAM). Out: a table of executed instructions of the second inference on the input
# prng:12345, RAM (.data, .bss, arena, deepest stack) and image; status 1 if a layer differs from the host's evaluation.
# "sww by hop" is the wake word with --hop 1, a new frame an answer, beside the other runtime's whole window.
#
# The other runtime's figures were measured on the same emulated cores and input (TensorFlow Lite Micro of 2026-08, gcc
# 12.2, -O2 kernels, only the operators that a model needs); of M7 and M33 they are the M4's, whose code they would run.
import os
import pathlib
import sys

from models import run

MODELS = {"ad": "tiny__ad01_int8", "kws": "tiny__kws_ref_model", "ic": "tiny__pretrainedResnet_quant",
          "vww": "tiny__vww_96_int8", "sww": "tiny__str_ww_ref_model"}
HOPS = {"sww by hop": ("sww", "1")}
BOARDS = {"M4": "nucleo-l4r5zi", "M7": "stm32f746-disco", "M33": "rp2350-pico2", "M55": "corstone-300",
          "M0+": "rp2040-pico"}
INSTRUCTIONS = {"M4": (582867, 7699736, 29863149, 24101545, 2226965),
                "M55": (149928, 1815666, 4911517, 6557951, 407299),
                "M0+": (1762911, 29004015, 97557345, 86903544, 9546211)}
RAM = (3512, 24324, 56500, 102212, 17892)          # M4
IMAGE = (305024, 107248, 149612, 387000, 125296)   # M4: code, constants and model


def beside(own, other, marked=""):
    return f"{own:,.0f} | {other:,}{marked} | {own / other:.2f}"


def main():
    if not os.environ.get("MOTE_DATA"):
        print("tiny: MOTE_DATA is not set; it names the folder that holds models/tflite", file=sys.stderr)
        return 1
    program = os.environ.get("MOTE_PROGRAM", "build/mote")
    folder = pathlib.Path(os.environ["MOTE_DATA"], "models/tflite")
    print("| core | model | layers | instructions | TFLM | ratio | RAM bytes | TFLM | ratio | image bytes | TFLM "
          "| ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    bad = False
    for core, board in BOARDS.items():
        for name in [*MODELS, *HOPS]:
            model, *hop = HOPS.get(name, (name,))
            i = list(MODELS).index(model)
            options = [part for number in hop for part in ("--hop", number)]
            result = run(program, folder / f"{MODELS[model]}.tflite", board, *options)
            if isinstance(result, str):
                print(f"| {core} | {name} | {result} |", flush=True)
                bad |= "does-not-fit" not in result
                continue
            equal = result["bit_exact"] and result["self_test_passed"]
            bad |= not equal
            of_m4 = core in ("M7", "M33")
            cells = [core, name, "equal" if equal else "DIFFERS: " + result["difference"],
                     beside(result["instructions"], INSTRUCTIONS["M4" if of_m4 else core][i], " (M4)" if of_m4 else "")]
            if core == "M4":
                cells += [beside(result["ram_bytes"], RAM[i]), beside(result["flash_bytes"], IMAGE[i])]
            else:
                cells += [f"{result['ram_bytes']:,} | | | {result['flash_bytes']:,} | | "]
            print("| " + " | ".join(cells) + " |", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
