# SPDX-License-Identifier: Apache-2.0
# int8 networks in mote's text form (docs/formats/graph.md), layer by layer, random weights. In: a name, the input's
# shape; then layers. Out: text() is what `mote compile` reads.
import base64
import math
import random

SCALE = 0.0625


class Network:
    """Each method adds a layer and returns the number of its output, which is then `output`."""

    def __init__(self, name, shape):
        self.values, self.nodes, self.data, self.shapes = [], [], [], []
        self.head = f'mote-graph 1\nname "{name}"\nstream 0 "x" value %0 rate_hz 0.0 missing drop\n'
        self.random, self.macs = random.Random(1), 0
        self.output = self.tensor("x", "stream", shape)

    def value(self, name, kind, shape, rest):
        self.values.append(f'value %{len(self.values)} "{name}" {kind} s8[{", ".join(map(str, shape))}] {rest}\n')
        self.shapes.append(tuple(shape))
        return len(self.values) - 1

    def tensor(self, name, kind, shape):
        return self.value(name, kind, shape, f"scale {SCALE} zero_point 0 clock 0 period 1 phase 1")

    def layer(self, operator, inputs, shape, attributes):
        name = f"{operator}_{len(self.nodes)}"
        self.output = self.tensor(name, "intermediate", shape)
        listed = ", ".join("-" if v is None else f"%{v}" for v in inputs)
        self.nodes.append(f'node {operator} "{name}" ({listed}) -> (%{self.output}) {{{attributes}}}\n')
        return self.output

    def weights(self, shape):
        weights = self.value(f"weights_{len(self.nodes)}", "constant", shape, "scale 0.002 zero_point 0 data base64")
        text = base64.b64encode(self.random.randbytes(math.prod(shape))).decode()
        self.data.append(f"data %{weights} {text}\n")
        return weights

    def windows(self, operator, x, weights, channels, stride):
        batches, rows, columns, _ = self.shapes[x]
        shape = (batches, -(-rows // stride), -(-columns // stride), channels)
        self.macs += math.prod(shape) * math.prod(self.shapes[weights]) // channels
        return self.layer(operator, (x, weights, None), shape, f'padding = "same", stride_h = {stride}, '
                          f'stride_w = {stride}, output_scale = {SCALE}')

    def convolution(self, x, size, outputs, stride=1):
        return self.windows("conv_2d", x, self.weights((outputs, size, size, self.shapes[x][3])), outputs, stride)

    def depthwise(self, x, size, stride=1):
        channels = self.shapes[x][3]
        return self.windows("depthwise_conv_2d", x, self.weights((1, size, size, channels)), channels, stride)

    def add(self, a, b):
        return self.layer("add", (a, b), self.shapes[a], f"output_scale = {SCALE}")

    def dense(self, x, outputs):
        flat = self.layer("reshape", (x,), (1, math.prod(self.shapes[x])), "shape = [1, -1]")
        weights = self.weights((outputs, self.shapes[flat][1]))
        self.macs += math.prod(self.shapes[weights])
        return self.layer("fully_connected", (flat, weights, None), (1, outputs), f"output_scale = {SCALE}")

    def text(self):
        return (self.head + "".join(self.values + self.nodes) + f"outputs (%{self.output})\n" +
                "".join(self.data) + "end\n")
