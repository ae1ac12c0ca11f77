#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The int8 weights of an ExecuTorch program against the float weights of the state dict it was made from: batch norms
# are folded, each output channel is rounded at max|w| / 127.5 (linear layers: the tensor), as PyTorch's observers do
# for -128 .. 127, and the steps are compared.
# In: FILE.pte FILE.pth (default: those of MOTE_DATA). Out: a table by layer; status 1 if the files do not fit together
# or a weight differs by more than one step. The state dict's pickle is read by an unpickler that knows tensors and
# nothing else: no code of the file runs.
import collections
import io
import math
import os
import pickle
import struct
import sys
import zipfile

EPSILON = 1e-5  # of torch.nn.BatchNorm2d
LAYERS = ("cortex_m::quantized_conv2d", "cortex_m::quantized_depthwise_conv2d", "cortex_m::quantized_linear")


class Table:
    """A flatbuffer table: fields by number, as schema/program.fbs orders them."""

    def __init__(self, data, at):
        self.data, self.at = data, at
        self.fields = at - struct.unpack_from("<i", data, at)[0]

    def place(self, field):
        if 4 + 2 * field >= struct.unpack_from("<H", self.data, self.fields)[0]:
            return 0
        offset = struct.unpack_from("<H", self.data, self.fields + 4 + 2 * field)[0]
        return self.at + offset if offset else 0

    def number(self, field, form, default=0):
        at = self.place(field)
        return struct.unpack_from(form, self.data, at)[0] if at else default

    def behind(self, field):
        at = self.place(field)
        return at + struct.unpack_from("<I", self.data, at)[0] if at else 0

    def table(self, field):
        at = self.behind(field)
        return Table(self.data, at) if at else None

    def numbers(self, field, form):
        at = self.behind(field)
        if not at:
            return []
        count = struct.unpack_from("<I", self.data, at)[0]
        return list(struct.unpack_from(f"<{count}{form}", self.data, at + 4))

    def tables(self, field):
        first = self.behind(field) + 4
        offsets = self.numbers(field, "I")
        return [Table(self.data, first + 4 * i + offset) for i, offset in enumerate(offsets)]

    def text(self, field):
        at = self.behind(field)
        return self.data[at + 4:at + 4 + struct.unpack_from("<I", self.data, at)[0]].decode()


def layers_of(data):
    """[(name, sizes, steps)] of the layers with weights, in order."""
    program = Table(data, struct.unpack_from("<I", data, 0)[0])
    plan, segment = program.tables(1)[0], program.table(5)
    base = struct.unpack_from("<Q", data, 24)[0] + program.tables(4)[segment.number(0, "<I")].number(0, "<Q")
    offsets, values, operators = segment.numbers(1, "Q"), plan.tables(2), plan.tables(6)
    found = []
    for instruction in plan.tables(5)[0].tables(2):
        if instruction.number(0, "<B") != 1:
            continue
        call = instruction.table(1)
        name, args = operators[call.number(0, "<i")].text(0), call.numbers(1, "i")
        if name in LAYERS:
            tensor = values[args[1]].table(1)
            sizes, at = tensor.numbers(2, "i"), base + offsets[tensor.number(5, "<I")]
            found.append((name, sizes, struct.unpack_from(f"<{math.prod(sizes)}b", data, at)))
    return found


class StateDict(pickle.Unpickler):
    """Tensors as (sizes, numbers). Every other name of a pickle is refused."""

    def __init__(self, archive, root):
        super().__init__(io.BytesIO(archive.read(root + "/data.pkl")))
        self.archive, self.root = archive, root

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda numbers, offset, sizes, strides, *rest: (sizes, numbers[offset:offset + math.prod(sizes)])
        if module == "torch" and name in ("FloatStorage", "LongStorage"):
            return {"FloatStorage": "f", "LongStorage": "q"}[name]
        raise pickle.UnpicklingError(f"the state dict names {module}.{name}, which is no tensor")

    def persistent_load(self, saved):
        _, form, key, _, count = saved
        return struct.unpack(f"<{count}{form}", self.archive.read(f"{self.root}/data/{key}"))


def state_dict(path):
    with zipfile.ZipFile(path) as archive:
        root = next(name for name in archive.namelist() if name.endswith("/data.pkl"))[:-len("/data.pkl")]
        return StateDict(archive, root).load()


def folded_layers(state):
    """[(name, sizes [out, in, ...], numbers)], batch norms folded into the layer before them."""
    found = []
    for name, (sizes, numbers) in state.items():
        if name.endswith(".weight") and len(sizes) > 1:
            found.append((name[:-len(".weight")], sizes, list(numbers)))
        elif name.endswith(".running_var"):
            norm, (layer, shape, weights) = name[:-len(".running_var")], found[-1]
            taps = len(weights) // shape[0]
            for o in range(shape[0]):
                gain = state[norm + ".weight"][1][o] / math.sqrt(numbers[o] + EPSILON)
                weights[o * taps:(o + 1) * taps] = [w * gain for w in weights[o * taps:(o + 1) * taps]]
    return found


def in_order(name, sizes, numbers):
    """[out, in, h, w] as the program has it: [out, h, w, in], depthwise [1, h, w, out]."""
    if len(sizes) == 2:
        return list(numbers)
    out, inside, h, w = sizes
    at = lambda o, i, y, x: numbers[((o * inside + i) * h + y) * w + x]
    if "depthwise" in name:
        return [at(o, 0, y, x) for y in range(h) for x in range(w) for o in range(out)]
    return [at(o, i, y, x) for o in range(out) for y in range(h) for x in range(w) for i in range(inside)]


def steps_of(sizes, numbers):
    channels = sizes[0] if len(sizes) == 4 else 1
    taps, steps = len(numbers) // channels, []
    for o in range(channels):
        row = numbers[o * taps:(o + 1) * taps]
        scale = max(max(abs(w) for w in row) / 127.5, 2.0**-23)
        steps += [max(-128, min(127, round(w / scale))) for w in row]
    return steps


def main(pte, pth):
    with open(pte, "rb") as file:
        layers = layers_of(file.read())
    floats = folded_layers(state_dict(pth))
    if len(layers) != len(floats):
        sys.exit(f"the program has {len(layers)} layers with weights, the state dict {len(floats)}")
    total = equal = 0
    farthest = 0
    print("| layer | weights | equal | by 1 | farthest |\n| --- | --- | --- | --- | --- |")
    for (operator, _, steps), (name, sizes, numbers) in zip(layers, floats):
        wanted = in_order(operator, sizes, steps_of(sizes, numbers))
        if len(wanted) != len(steps):
            sys.exit(f"{name} has {len(wanted)} weights, the program's layer {len(steps)}")
        apart = [abs(a - b) for a, b in zip(steps, wanted)]
        print(f"| {name} | {len(apart)} | {apart.count(0)} | {apart.count(1)} | {max(apart)} |")
        total, equal, farthest = total + len(apart), equal + apart.count(0), max(farthest, *apart)
    print(f"\n{equal} of {total} weights equal ({100 * equal / total:.2f} %), the others at most {farthest} apart")
    return farthest > 1


if __name__ == "__main__":
    folder = os.path.join(os.environ.get("MOTE_DATA", "."), "models/pytorch/executorch__KeywordSpotting_model")
    files = sys.argv[1:3] if len(sys.argv) > 2 else [folder + ".pte", folder + ".pth"]
    sys.exit(main(*files))
