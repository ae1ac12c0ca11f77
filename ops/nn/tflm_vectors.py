#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tflm_vectors.txt: what TensorFlow Lite Micro answers to single-operator int8 models.

In: PyPI tflite-micro (which brings numpy and flatbuffers); parameters drawn from a fixed seed.
Out: one block a case, read by tflm_vectors_test.cc. Inputs and weights are not stored: both sides
draw them from the same generator (numbers below), only the answer is.
Usage: tflm_vectors.py > tflm_vectors.txt
"""
import math
import random
import sys

import flatbuffers
import numpy as np
from tflite_micro.python.tflite_micro import runtime
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

TYPES = {"s8": (np.int8, 9), "s32": (np.int32, 2), "f32": (np.float32, 0)}
ACTIVATIONS = {"none": 0, "relu": 1, "relu_n1_to_1": 2, "relu6": 3}


def numbers(kind, seed, count, low, high):
    """x = x * 1664525 + 1013904223; an integer in low..high, or k / 1024 of one for f32."""
    values, x = [], seed
    for _ in range(count):
        x = (x * 1664525 + 1013904223) % 2**32
        values.append(low + (x >> 8) % (high - low + 1))
    array = np.array(values, dtype=np.int64)
    return (array / 1024).astype(np.float32) if kind == "f32" else array.astype(TYPES[kind][0])


class Tensor:
    """role is input, constant or output; scales in float32; low, high: the range of its numbers."""

    def __init__(self, role, kind, shape, scales, zero_point=0, axis=0, low=-128, high=127):
        self.role, self.kind, self.shape, self.axis = role, kind, list(shape), axis
        self.scales = [float(np.float32(s)) for s in scales]
        self.zero_point, self.low, self.high = zero_point, low, high
        self.seed = rng.randrange(2**32)

    def data(self):
        return numbers(self.kind, self.seed, math.prod(self.shape), self.low, self.high).reshape(self.shape)

    def line(self):
        scales = ",".join(s.hex() for s in self.scales) or "-"
        return (f"{self.role} {self.kind} {','.join(map(str, self.shape))} {scales} {self.zero_point} "
                f"{self.axis} {self.seed} {self.low} {self.high}")


rng = random.Random(20)


def scale(low, high):
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def zero_point():
    return rng.choice([-128, 127, 0, rng.randint(-128, 127)])


def add_tensor(model, graph, tensor, data=None):
    buffer = schema.BufferT()
    if data is not None:
        buffer.data = np.frombuffer(data.tobytes(), dtype=np.uint8)
    model.buffers.append(buffer)
    t = schema.TensorT()
    t.name, t.shape, t.type, t.buffer = f"t{len(graph.tensors)}", tensor.shape, TYPES[tensor.kind][1], len(model.buffers) - 1
    if tensor.scales:
        q = schema.QuantizationParametersT()
        q.scale, q.zeroPoint, q.quantizedDimension = tensor.scales, [tensor.zero_point] * len(tensor.scales), tensor.axis
        t.quantization = q
    graph.tensors.append(t)
    return len(graph.tensors) - 1


def build(code, options_type, options, tensors, output, extra):
    model, graph, op = schema.ModelT(), schema.SubGraphT(), schema.OperatorT()
    model.version, model.buffers, model.subgraphs = 3, [schema.BufferT()], [graph]
    operator_code = schema.OperatorCodeT()
    operator_code.builtinCode, operator_code.deprecatedBuiltinCode, operator_code.version = code, min(code, 127), 1
    model.operatorCodes = [operator_code]
    graph.tensors, graph.operators, graph.inputs = [], [op], []
    op.inputs = []
    for tensor in tensors:
        index = add_tensor(model, graph, tensor, tensor.data() if tensor.role == "constant" else None)
        op.inputs.append(index)
        if tensor.role == "input":
            graph.inputs.append(index)
    if extra is not None:
        op.inputs.append(add_tensor(model, graph, Tensor("constant", "s32", [len(extra)], []), np.array(extra, np.int32)))
    op.outputs = graph.outputs = [add_tensor(model, graph, output)]
    op.builtinOptionsType, op.builtinOptions = options_type, options
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def answer(model, tensors):
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=1 << 20)
    for i, tensor in enumerate(t for t in tensors if t.role == "input"):
        interpreter.set_input(tensor.data(), i)
    interpreter.invoke()
    return interpreter.get_output(0).tobytes()


def options_of(name, **fields):
    options = getattr(schema, name + "T")()
    for key, value in fields.items():
        assert hasattr(options, key), key
        setattr(options, key, value)
    return getattr(schema.BuiltinOptions, name), options


def emit(op, attributes, code, options, tensors, output, extra=None):
    """attributes: the operator's own; those of the output's scale are added for ops that take them."""
    print("case", op)
    for key, value in attributes.items():
        kind = {str: "s", int: "i", float: "d"}[type(value)]
        print("attribute", key, kind, value.hex() if kind == "d" else value)
    for tensor in tensors:
        print(tensor.line())
    bytes_ = answer(build(code, options[0], options[1], tensors, output, extra), tensors)
    print("output", ",".join(map(str, output.shape)), bytes_.hex())


def output_attributes(output):
    return {"output_scale": output.scales[0], "output_zero_point": output.zero_point}


def window(padded, dilated):
    kernel, stride, dilation = rng.randint(1, 4), rng.randint(1, 3), rng.randint(1, 2) if dilated else 1
    span = (kernel - 1) * dilation + 1
    size = rng.randint(1, 7) if padded else rng.randint(span, span + 5)
    out = -(-size // stride) if padded else (size - span) // stride + 1
    return kernel, stride, dilation, size, out


def convolution(depthwise):
    padded = rng.random() < 0.5
    dilated = rng.random() < 0.3
    kh, sh, dh, h, oh = window(padded, dilated)
    kw, sw, dw, w, ow = window(padded, dilated)
    channels = rng.randint(1, 5)
    out = channels * rng.randint(1, 2) if depthwise else rng.randint(1, 5)
    activation = rng.choice(list(ACTIVATIONS))
    x = Tensor("input", "s8", [1, h, w, channels], [scale(0.01, 0.1)], zero_point())
    shape = [1, kh, kw, out] if depthwise else [out, kh, kw, channels]
    weights = Tensor("constant", "s8", shape, [scale(0.002, 0.05) for _ in range(out)], 0, 3 if depthwise else 0, -127)
    bias = Tensor("constant", "s32", [out], [s * x.scales[0] for s in weights.scales], 0, 0, -20000, 20000)
    taps = kh * kw * (1 if depthwise else channels)
    y = Tensor("output", "s8", [1, oh, ow, out], [x.scales[0] * weights.scales[0] * 110 * math.sqrt(taps)], zero_point())
    fields = dict(padding=0 if padded else 1, strideH=sh, strideW=sw, dilationHFactor=dh, dilationWFactor=dw,
                  fusedActivationFunction=ACTIVATIONS[activation])
    if depthwise:
        fields["depthMultiplier"] = out // channels
    attributes = dict(stride_h=sh, stride_w=sw, dilation_h=dh, dilation_w=dw, activation=activation,
                      padding="same" if padded else "valid", **output_attributes(y))
    options = options_of("DepthwiseConv2DOptions" if depthwise else "Conv2DOptions", **fields)
    emit("depthwise_conv_2d" if depthwise else "conv_2d", attributes, 4 if depthwise else 3, options, [x, weights, bias], y)


def fully_connected():
    inputs, outputs = rng.randint(1, 40), rng.randint(1, 9)
    activation = rng.choice(list(ACTIVATIONS))
    x = Tensor("input", "s8", [rng.randint(1, 2), inputs], [scale(0.01, 0.1)], zero_point())
    weights = Tensor("constant", "s8", [outputs, inputs], [scale(0.002, 0.05)], 0, 0, -127)
    bias = Tensor("constant", "s32", [outputs], [weights.scales[0] * x.scales[0]], 0, 0, -20000, 20000)
    y = Tensor("output", "s8", [x.shape[0], outputs], [x.scales[0] * weights.scales[0] * 110 * math.sqrt(inputs)], zero_point())
    emit("fully_connected", dict(activation=activation, **output_attributes(y)), 9,
         options_of("FullyConnectedOptions", fusedActivationFunction=ACTIVATIONS[activation]), [x, weights, bias], y)


def pool(mean):
    padded = rng.random() < 0.5
    kh, sh, _, h, oh = window(padded, False)
    kw, sw, _, w, ow = window(padded, False)
    activation = rng.choice(list(ACTIVATIONS))
    x = Tensor("input", "s8", [1, h, w, rng.randint(1, 4)], [scale(0.01, 0.3)], zero_point())
    y = Tensor("output", "s8", [1, oh, ow, x.shape[3]], x.scales, x.zero_point)
    attributes = dict(filter_h=kh, filter_w=kw, stride_h=sh, stride_w=sw, padding="same" if padded else "valid",
                      activation=activation)
    options = options_of("Pool2DOptions", padding=0 if padded else 1, strideH=sh, strideW=sw, filterHeight=kh,
                         filterWidth=kw, fusedActivationFunction=ACTIVATIONS[activation])
    emit("average_pool_2d" if mean else "max_pool_2d", attributes, 1 if mean else 17, options, [x], y)


def softmax():
    beta = rng.choice([1.0, 1.0, 0.5, 3.0])
    x = Tensor("input", "s8", [rng.randint(1, 3), rng.randint(1, 40)], [scale(0.001, 1.0)], zero_point())
    y = Tensor("output", "s8", x.shape, [1 / 256], -128)
    emit("softmax", dict(beta=beta), 25, options_of("SoftmaxOptions", beta=beta), [x], y)


def add():
    activation = rng.choice(list(ACTIVATIONS))
    a = Tensor("input", "s8", [1, rng.randint(1, 60)], [scale(0.001, 0.5)], zero_point() % 127)
    b = Tensor("constant", "s8", a.shape, [scale(0.001, 0.5)], zero_point() % 127)
    y = Tensor("output", "s8", a.shape, [(a.scales[0] + b.scales[0]) * scale(0.3, 2)], zero_point())
    emit("add", dict(activation=activation, **output_attributes(y)), 0,
         options_of("AddOptions", fusedActivationFunction=ACTIVATIONS[activation]), [a, b], y)


def concatenate():
    x = Tensor("input", "s8", [2, rng.randint(1, 5)], [0.1], 3)
    more = [Tensor("constant", "s8", [2, rng.randint(1, 5)], [0.1], 3) for _ in range(rng.randint(1, 3))]
    y = Tensor("output", "s8", [2, sum(t.shape[1] for t in [x] + more)], [0.1], 3)
    emit("concatenate", {}, 2, options_of("ConcatenationOptions", axis=1), [x] + more, y)


def sigmoid(op):
    # Every input number of random scales: 0..255 in order would need no generator, 700 draws hit nearly all.
    x = Tensor("input", "s8", [1, 700], [scale(0.0005, 10.0)], zero_point())
    y = Tensor("output", "s8", x.shape, [1 / 256 if op == "logistic" else 1 / 128], -128 if op == "logistic" else 0)
    emit(op, {}, 14 if op == "logistic" else 28, (0, None), [x], y)


def mean():
    shape = [1, rng.randint(1, 9), rng.randint(1, 9), rng.randint(1, 4)]
    keep = rng.randint(0, 1)
    x = Tensor("input", "s8", shape, [scale(0.01, 0.3)], zero_point())
    y = Tensor("output", "s8", [1, 1, 1, shape[3]] if keep else [1, shape[3]], [x.scales[0] * scale(0.1, 1.5)], zero_point())
    emit("mean", dict(keep_dims=keep, **output_attributes(y)), 40, options_of("ReducerOptions", keepDims=bool(keep)), [x], y,
         [1, 2])


def relu(op, code):
    x = Tensor("input", "s8", [1, 300], [scale(0.03, 0.3)], zero_point())
    same = op == "relu6"  # TFLM's Relu6 keeps the scale
    y = Tensor("output", "s8", x.shape, x.scales if same else [x.scales[0] * scale(0.2, 3)],
               x.zero_point if same else zero_point())
    emit("activation", dict(activation=op, **output_attributes(y)), code, (0, None), [x], y)


def quantize(kind):
    x = Tensor("input", kind, [1, 300], [scale(0.01, 0.5)], zero_point()) if kind == "s8" else Tensor(
        "input", "f32", [1, 300], [], 0, 0, -20000, 20000)
    y = Tensor("output", "s8", x.shape, [rng.choice([scale(0.01, 0.5), 0.125])], zero_point())
    emit("quantize", output_attributes(y), 114, (0, None), [x], y)


def dequantize():
    x = Tensor("input", "s8", [1, 300], [scale(0.001, 0.5)], zero_point())
    emit("dequantize", {}, 6, (0, None), [x], Tensor("output", "f32", x.shape, []))


def main():
    print("# Written by tflm_vectors.py with tflite-micro", sys.argv[1] if len(sys.argv) > 1 else "")
    for _ in range(12):
        convolution(False), convolution(True), fully_connected(), pool(False), pool(True), softmax(), add(), mean()
    for _ in range(3):
        concatenate(), sigmoid("logistic"), sigmoid("tanh"), relu("relu", 19), relu("relu6", 21)
        quantize("s8"), quantize("f32"), dequantize()


main()
