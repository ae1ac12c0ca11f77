#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The compiler's own time and memory against the number of layers. In: the program build/mote (or MOTE_PROGRAM). Makes
# int8 networks of 10 to 1,000 layers (chains, residual blocks, branches), compiles each with `mote compile`, and prints
# seconds, growth (the power of the number of layers by which the seconds grew since the row above) and the largest
# resident memory; the same as a section of bench/RESULTS.md. Status 1 if a network fails or takes more than LIMIT_S.
import json
import math
import os
import pathlib
import sys
import tempfile

from graph_text import Network
from results import write_section

LAYERS = (10, 30, 100, 300, 1000)
LIMIT_S = 10
SIDE, CHANNELS = 8, 8

HEAD = f"""## The compiler

`make bench-compiler` writes this section: `mote compile` of int8 networks on [1, {SIDE}, {SIDE}, {CHANNELS}], from \
reading the graph to the written library; seconds of one processor. Growth: the power of the number of layers by which \
the seconds grew since the row above.

| network | layers | seconds | growth | memory, MB | arena bytes | no layout takes less than |
| --- | --- | --- | --- | --- | --- | --- |
"""


def add_chain(net, layers):
    while len(net.nodes) < layers:
        net.convolution(net.output, 3, CHANNELS)


def add_residual_blocks(net, layers):
    while len(net.nodes) < layers:
        before = net.output
        inner = net.convolution(net.convolution(before, 3, CHANNELS), 3, CHANNELS)
        net.add(before, inner)


def add_branches(net, layers):
    """Blocks of three ways side by side, of one or two layers each, and what joins them."""
    half, quarter = CHANNELS // 2, CHANNELS // 4
    while len(net.nodes) < layers:
        before = net.output
        ways = [net.convolution(before, 1, half),
                net.convolution(net.convolution(before, 1, quarter), 3, quarter)]
        pooled = net.layer("average_pool_2d", (before,), net.shapes[before],
                           'padding = "same", filter_h = 3, filter_w = 3, stride_h = 1, stride_w = 1')
        ways.append(net.convolution(pooled, 1, quarter))
        net.layer("concatenate", ways, net.shapes[before], "axis = 3")


def add_long_skips(net, layers):
    """Each of the first third is added again to one of the rest, the last first: all stay alive."""
    skips = [net.convolution(net.output, 3, CHANNELS) for _ in range(layers // 3)]
    while skips:
        inner = net.convolution(net.output, 3, CHANNELS)
        net.add(skips.pop(), inner)


def add_ways(net, layers):
    """Ways of two layers into one sum; all first layers are listed before all second ones."""
    before, widths = net.output, [net.random.randint(1, 4 * CHANNELS) for _ in range(layers // 3)]
    first = [net.convolution(before, 1, width) for width in widths]
    second = [net.convolution(x, 1, CHANNELS) for x in first]
    for other in second[:-1]:
        net.add(other, net.output)


NETWORKS = {"chain": add_chain, "residual blocks": add_residual_blocks, "branches": add_branches,
            "long skips": add_long_skips, "ways into one sum": add_ways}


def network(kind, layers):
    net = Network(identifier := kind.replace(" ", "_"), (1, SIDE, SIDE, CHANNELS))
    NETWORKS[kind](net, layers)
    return identifier, len(net.nodes), net.text()


def compiled(program, folder, name, text):
    """Seconds of the processor, resident bytes and the verb's JSON object, or what it said."""
    model, out = folder / f"{name}.graph.txt", folder / "out.json"
    model.write_text(text)
    child = os.posix_spawn(program, [program, "compile", str(model), "--out", str(folder / name), "--json"], os.environ,
                           file_actions=[(os.POSIX_SPAWN_OPEN, 1, str(out), os.O_WRONLY | os.O_CREAT | os.O_TRUNC,
                                          0o644)])
    _, status, used = os.wait4(child, 0)
    return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, json.loads(out.read_text()) if status == 0 else None


def measured_rows(program, folder, kind):
    rows, before = [], None
    for count in LAYERS:
        name, layers, text = network(kind, count)
        seconds, resident, plan = compiled(program, folder, f"{name}_{layers}", text)
        if plan is None:
            yield f"| {kind} | {layers} | FAILED | | | | |\n", False
            return
        growth = f"{math.log(seconds / before[1]) / math.log(layers / before[0]):.2f}" if before else ""
        before = layers, seconds
        yield (f"| {kind} | {layers:,} | {seconds:.2f} | {growth} | {resident / 2**20:.0f} | {plan['arena_bytes']:,} | "
               f"{plan['arena_bound_bytes']:,} |\n"), seconds <= LIMIT_S


def main():
    program = os.environ.get("MOTE_PROGRAM", "build/mote")
    text, good = HEAD, True
    print(HEAD, end="", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for kind in NETWORKS:
            for row, is_good in measured_rows(program, pathlib.Path(folder), kind):
                print(row, end="", flush=True)
                text, good = text + row, good and is_good
    if "--print" not in sys.argv[1:]:
        write_section(text)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
