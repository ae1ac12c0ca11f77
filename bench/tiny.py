#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The five models of MLPerf Tiny as verified firmware beside TensorFlow Lite Micro with CMSIS-NN and the best published
# closed engines. In: MOTE_DATA, the program build/mote (or MOTE_PROGRAM). Out: a table, printed and as a section of
# bench/RESULTS.md: executed instructions of the second inference on the input prng:12345, cycles by the model of
# runner/cost.h, RAM (.data, .bss, arena, deepest stack, input), image; status 1 if a layer differs from the host's
# evaluation.
#
# TensorFlow Lite Micro was measured on the same emulated cores and input (of 2026-08, gcc 12.2, -O2 kernels, only the
# operators that a model needs); of M7 and M33 its figures are the M4's, whose code they would run.
import os
import sys

from models import equality, is_equal, run, tflite_folder
from results import write_section

MODELS = {"ad": "tiny__ad01_int8", "kws": "tiny__kws_ref_model", "ic": "tiny__pretrainedResnet_quant",
          "vww": "tiny__vww_96_int8", "sww": "tiny__str_ww_ref_model"}
HOPS = {"sww by hop": ("sww", "1")}
BOARDS = {"M4": "nucleo-l4r5zi", "M7": "stm32f746-disco", "M33": "nucleo-u575zi", "M55": "corstone-300",
          "M0+": "rp2040-pico"}
INSTRUCTIONS = {"M4": (582867, 7699736, 29863149, 24101545, 2226965),
                "M55": (149928, 1815666, 4911517, 6557951, 407299),
                "M0+": (1762911, 29004015, 97557345, 86903544, 9546211)}
RAM = (3512, 24324, 56500, 102212, 17892)          # M4
IMAGE = (305024, 107248, 149612, 387000, 125296)   # M4: code, constants and model

# Cycles: latency x clock of the fastest submission to MLPerf Tiny up to v1.3 on a core of the kind (L4R5, H7A3, U575,
# G0B1); of the M55 TensorFlow Lite Micro's, the only one published. Those of sww count its features, too.
RECORDS = {"M4": (486e3, 5.18e6, 19.82e6, 10.67e6, None), "M7": (303e3, 3.17e6, 11.44e6, 6.66e6, None),
           "M33": (494e3, 4.64e6, 16.69e6, 9.48e6, None), "M55": (None, 2.28e6, None, None, None),
           "M0+": (2.62e6, 30.4e6, 97.4e6, 90.5e6, None)}

HEAD = """## The models of MLPerf Tiny

`make bench-tiny` writes this section. Instructions are counted, cycles are an estimate: a record is beaten only where a
ratio stands, one that the error does not hide. RAM: data, model, deepest stack; the input lies in the model.
TFLM: TensorFlow Lite Micro with CMSIS-NN.

| core | model | layers | instructions | TFLM | ratio | cycles, estimate | best published | ratio | RAM bytes | TFLM \
| ratio | image bytes | TFLM | ratio |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""


def beside(own, other, marked=""):
    return f"{own:,.0f} | {other:,}{marked} | {own / other:.2f}"


def cycles(result, record):
    """The estimate with its error, beside the record; the ratio where the error does not hide it."""
    own, error = result["cycles_estimate"], result.get("cycles_error_percent")
    text = f"{own:,.0f}" + (f" ± {error:.0f} %" if error is not None else ", uncalibrated")
    if record is None:
        return f"{text} | | "
    if error is None:
        return f"{text} | {record:,.0f} | "
    told = abs(own / record - 1) > error / 100
    return f"{text} | {record:,.0f} | " + (f"{own / record:.2f}" if told else "within the error")


def main():
    program = os.environ.get("MOTE_PROGRAM", "build/mote")
    folder = tflite_folder()
    text = HEAD
    print(HEAD, end="", flush=True)
    bad = False
    for core, board in BOARDS.items():
        for name in [*MODELS, *HOPS]:
            model, *hop = HOPS.get(name, (name,))
            i = list(MODELS).index(model)
            options = [part for number in hop for part in ("--hop", number)]
            result = run(program, folder / f"{MODELS[model]}.tflite", board, *options)
            if isinstance(result, str):
                bad |= "does-not-fit" not in result
                text += f"| {core} | {name} | {result} |\n"
                print(text.splitlines()[-1], flush=True)
                continue
            bad |= not is_equal(result)
            ram = result["ram_bytes"] + result["input_bytes"]
            of_m4 = core in ("M7", "M33")
            cells = [core, name, equality(result),
                     beside(result["instructions"], INSTRUCTIONS["M4" if of_m4 else core][i], " (M4)" if of_m4 else ""),
                     cycles(result, RECORDS[core][i])]
            if core == "M4":
                cells += [beside(ram, RAM[i]), beside(result["flash_bytes"], IMAGE[i])]
            else:
                cells += [f"{ram:,} | | | {result['flash_bytes']:,} | | "]
            text += "| " + " | ".join(cells) + " |\n"
            print(text.splitlines()[-1], flush=True)
    write_section(text)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
