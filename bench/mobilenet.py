#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# MobileNetV2 of width 0.35 on an image of 144 by 144 within budgets of RAM. In: the program build/mote (or
# MOTE_PROGRAM). Out: a table, printed and as a section of bench/RESULTS.md: what a Cortex-M4 takes of memory and
# instructions where the budget is met, and how many multiplications more; status 1 if a layer differs from the host's
# evaluation. The weights are random: the shape is what counts. It is Keras' MobileNetV2(input_shape=(144, 144, 3),
# alpha=0.35), channels in eights (Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018).
import os
import pathlib
import sys
import tempfile

from graph_text import Network
from models import equality, is_equal, run
from results import write_section

# Of each stage: expansion, channels, blocks, stride.
STAGES = ((1, 8, 1, 1), (6, 8, 2, 2), (6, 16, 3, 2), (6, 24, 4, 2), (6, 32, 3, 1), (6, 56, 3, 2), (6, 112, 1, 1))
BUDGETS_KB = (None, 96, 64, 56, 24)
BOARD = "nucleo-l4r5zi"

HEAD = """## MobileNetV2 in little memory

`make bench-mobilenet` writes this section: width 0.35, image 144 x 144 x 3 (62,208 bytes), int8, on a Cortex-M4. \
Model: what a budget (`--ram-kb`) is about, with the image, of which only some rows are there where it comes by rows. \
RAM: with the stack. Beside it: what the caller has of the image.

| `--ram-kb` | layers | image | model bytes | RAM bytes | beside it | MACs | instructions |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def network():
    net = Network("mobilenet_v2", (1, 144, 144, 3))
    x = net.convolution(net.output, 3, 16, 2)
    for expansion, channels, blocks, stride in STAGES:
        for block in range(blocks):
            before = x
            if expansion > 1:
                x = net.convolution(x, 1, expansion * net.shapes[x][3])
            x = net.convolution(net.depthwise(x, 3, stride if block == 0 else 1), 1, channels)
            if net.shapes[x] == net.shapes[before]:
                x = net.add(before, x)
    x = net.convolution(x, 1, 1280)
    x = net.layer("average_pool_2d", (x,), (1, 1, 1, 1280), 'padding = "valid", filter_h = 5, filter_w = 5')
    net.dense(x, 1000)
    return net


def row(budget, result, whole):
    name = "none" if budget is None else f"{budget}"
    if isinstance(result, str):
        return f"| {name} | {result.split(': ', 1)[-1]} | | | | | | |\n"
    macs = sum(layer["macs"] for layer in result["layers"])
    image = "as a whole" if result["input_bytes"] == 0 else "by rows"
    return (f"| {name} | {equality(result)} | {image} | {result['model_bytes']:,} | {result['ram_bytes']:,} | "
            f"{result['input_bytes']:,} | {macs / whole:.2f} x | {result['instructions']:,.0f} |\n")


def main():
    program = os.environ.get("MOTE_PROGRAM", "build/mote")
    text, good, net = HEAD, True, network()
    print(HEAD, end="", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        model = pathlib.Path(folder, "mobilenet_v2.graph.txt")
        model.write_text(net.text())
        for budget in BUDGETS_KB:
            result = run(program, model, BOARD, *([] if budget is None else ["--ram-kb", str(budget)]))
            if not isinstance(result, str):
                good &= is_equal(result)
            text += row(budget, result, net.macs)
            print(text.splitlines()[-1], flush=True)
    if "--print" not in sys.argv[1:]:
        write_section(text)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
