#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Speed, RAM and flash where they stand against each other: models of MLPerf Tiny under budgets. In: MOTE_DATA, the
# program build/mote (or MOTE_PROGRAM). Out: a table, printed and as a section of bench/RESULTS.md, each model's default
# first; status 1 if a layer differs from the host's evaluation.
import os
import sys

from models import equality, is_equal, run, tflite_folder
from results import write_section
from tiny import BOARDS, MODELS, cycles

# Core, model, and the options of each point.
FRONTS = (("M4", "vww", ("", "--ram-kb 40", "--ram-kb 33", "--ram-kb 24", "--tune")),
          ("M0+", "vww", ("", "--ram-kb 40", "--ram-kb 24")),
          ("M55", "vww", ("", "--ram-kb 40", "--ram-kb 24")),
          ("M4", "ic", ("", "--ram-kb 40", "--ram-kb 33", "--tune", "--flash-kb 92")),
          ("M4", "kws", ("", "--tune")),
          ("M4", "ad", ("", "--flash-kb 250", "--flash-kb 225", "--compress")))

HEAD = """## Speed against RAM against flash

`make bench-fronts` writes this section: what budgets (`--ram-kb`, `--flash-kb`), `--compress` and `--tune` make of a
model. The first row of each is the default. Of RAM it is the least for which layers by rows cost at most 4 % of the
multiplications, by the compiler's own estimate, if a tenth is saved: RAM decides which chip will do. Of flash it is the
kernels that the rule takes for the fastest, weights as they are: flash is there once, instructions are paid at each
decision. A budget in kB of 1,024 bytes is the model's, without the stack.

| core | model | options | layers | instructions | cycles, estimate | RAM bytes | image bytes |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def row(core, name, options, result):
    begin = f"| {core} | {name} | {f'`{options}`' if options else 'none'} | "
    if isinstance(result, str):
        return begin + f"{result.split(': ', 1)[-1]} | | | | |\n"
    return begin + (f"{equality(result)} | {result['instructions']:,.0f} | {cycles(result, None).split(' |')[0]} | "
                    f"{result['ram_bytes']:,}{' and rows of the image' if result['input_bytes'] else ''} | "
                    f"{result['flash_bytes']:,} |\n")


def main():
    program = os.environ.get("MOTE_PROGRAM", "build/mote")
    folder = tflite_folder()
    text, good = HEAD, True
    print(HEAD, end="", flush=True)
    for core, name, points in FRONTS:
        for options in points:
            result = run(program, folder / f"{MODELS[name]}.tflite", BOARDS[core], *options.split())
            good &= not isinstance(result, str) and is_equal(result)
            text += row(core, name, options, result)
            print(text.splitlines()[-1], flush=True)
    write_section(text)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
