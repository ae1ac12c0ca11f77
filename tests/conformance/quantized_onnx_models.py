#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Writes testdata/quantized_onnx: small networks that onnxruntime's static quantiser made integers of, and what
# onnxruntime (no graph optimisation) answers. In: an environment with onnx and onnxruntime; MOTE_DATA for the MNIST
# network (left out without it). Out, for each: NAME.onnx, cut behind its last integers, and NAME.bin, the outputs for
# 1,000 samples. Sample n is x = (byte - 128) / 32 of the bytes that quantized_onnx_test.cc makes, too.
import os
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper, version_converter
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

SAMPLES = 1000


def samples(shape, count=SAMPLES, seed=1):
    """x = x * 1664525 + 1013904223, the upper byte of each."""
    x, out = seed, np.empty(count * int(np.prod(shape)), np.float32)
    for i in range(out.size):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        out[i] = ((x >> 24) - 128) / 32
    return out.reshape(count, *shape)


class Net:
    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.constants, self.at = [], [], "x"

    def constant(self, array):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def weights(self, *shape, size=1.0):
        fan = int(np.prod(shape[1:])) or 1
        scale = size * self.random.uniform(0.3, 2, size=(shape[0],) + (1,) * (len(shape) - 1))
        return self.constant((self.random.normal(size=shape) * scale / np.sqrt(fan)).astype(np.float32))

    def add(self, op, inputs, **attributes):
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        self.at = name
        return name

    def model(self, shape, out):
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
        y = helper.make_tensor_value_info(self.at, TensorProto.FLOAT, out)
        graph = helper.make_graph(self.nodes, "net", [x], [y], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def convolutions():
    """Convolutions plain, in groups and strided; a residual addition, activations, both pools, a dense layer."""
    n = Net(1)
    a = n.add("Conv", ["x", n.weights(6, 2, 3, 3), n.weights(6)], pads=[1, 1, 1, 1])
    a = n.add("Relu", [a])
    b = n.add("Conv", [a, n.weights(6, 1, 3, 3), n.weights(6)], group=6, pads=[1, 1, 1, 1])
    b = n.add("Clip", [b, n.constant(np.float32(0)), n.constant(np.float32(6))])
    b = n.add("Conv", [b, n.weights(6, 6, 1, 1)])
    n.add("Add", [a, b])
    n.add("MaxPool", [n.at], kernel_shape=[2, 2], strides=[2, 2])
    n.add("Conv", [n.at, n.weights(8, 6, 3, 3), n.weights(8)], strides=[1, 1], pads=[0, 1, 1, 0])
    n.add("LeakyRelu", [n.at], alpha=0.1)
    n.add("AveragePool", [n.at], kernel_shape=[2, 2])
    n.add("GlobalAveragePool", [n.at])
    n.add("Flatten", [n.at])
    n.add("Gemm", [n.at, n.weights(10, 8), n.weights(10)], transB=1)
    return n.model([1, 2, 8, 8], [1, 10]), [2, 8, 8]


def movements():
    """Gates, joins and what moves numbers: Sigmoid, Mul, Concat, Split, Resize, Pad, Transpose, MatMul, Softmax."""
    n = Net(2)
    a = n.add("Conv", ["x", n.weights(4, 2, 3, 3), n.weights(4)], pads=[1, 1, 1, 1])
    gate = n.add("Sigmoid", [a])
    a = n.add("Mul", [a, gate])
    b = n.add("Pad", ["x", n.constant(np.array([0, 0, 1, 1, 0, 0, 1, 1], np.int64))])
    b = n.add("Conv", [b, n.weights(4, 2, 3, 3), n.weights(4)])
    n.add("Concat", [a, b], axis=1)
    n.add("MaxPool", [n.at], kernel_shape=[2, 2], strides=[2, 2])
    n.add("Resize", [n.at, "", n.constant(np.array([1, 1, 2, 1], np.float32))], mode="nearest",
          coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    n.add("Transpose", [n.at], perm=[0, 2, 3, 1])
    n.add("Reshape", [n.at, n.constant(np.array([1, 2, 64], np.int64))])
    n.add("MatMul", [n.at, n.weights(64, 6, size=0.1)])
    n.add("Add", [n.at, n.weights(6, size=0.1)])
    n.add("Softmax", [n.at], axis=-1)
    return n.model([1, 2, 8, 4], [1, 2, 6]), [2, 8, 4]


def mnist():
    path = os.path.join(os.environ["MOTE_DATA"], "models/onnx/onnx2c__mnist.simplified.onnx")
    return version_converter.convert_version(onnx.load(path), 15), [1, 14, 14]


class Reader(CalibrationDataReader):
    def __init__(self, name, shape):
        self.rows = iter([{name: x[None]} for x in samples(shape, 64, seed=77)])

    def get_next(self):
        return next(self.rows, None)


def cut(model):
    """The model up to its last integers."""
    producer = {out: node for node in model.graph.node for out in node.output}
    name = model.graph.output[0].name
    if producer[name].op_type == "DequantizeLinear":
        name = producer[name].input[0]
    types = {c.name: c.data_type for c in model.graph.initializer}
    node = producer[name]
    kind = next((types[i] for i in reversed(node.input) if types.get(i) in (TensorProto.INT8, TensorProto.UINT8)), None)
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info(name, kind or TensorProto.FLOAT, None))
    return model


def write(folder, name, network, **options):
    model, shape = network
    with tempfile.TemporaryDirectory() as temporary:
        before, after = (os.path.join(temporary, f) for f in ("before.onnx", "after.onnx"))
        onnx.save(model, before)
        quantize_static(before, after, Reader(model.graph.input[0].name, shape), **options)
        quantized = cut(onnx.load(after))
    for node in quantized.graph.node:
        node.doc_string = ""
    onnx.save(quantized, os.path.join(folder, name + ".onnx"))
    settings = onnxruntime.SessionOptions()
    settings.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(quantized.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    feed = session.get_inputs()[0].name
    out = np.stack([session.run(None, {feed: x[None]})[0].reshape(-1) for x in samples(shape)])
    out.tofile(os.path.join(folder, name + ".bin"))
    print(name, out.dtype, out.shape, os.path.getsize(os.path.join(folder, name + ".onnx")), "bytes")


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "testdata/quantized_onnx")
    s8, u8 = QuantType.QInt8, QuantType.QUInt8
    kinds = {"u8": (u8, s8, False), "u8_channels": (u8, s8, True), "s8_channels": (s8, s8, True),
             "u8_u8": (u8, u8, False)}
    networks = {"convolutions": convolutions(), "movements": movements()}
    if "MOTE_DATA" in os.environ:
        networks["mnist"] = mnist()
    forms = {"qdq": QuantFormat.QDQ, "qoperator": QuantFormat.QOperator}
    for network, made in networks.items():
        for form, kind in ([("qdq", k) for k in kinds] + [("qoperator", "u8"), ("qoperator", "u8_channels")]):
            if network == "mnist" and kind != "u8_channels":
                continue
            activation, weight, per_channel = kinds[kind]
            write(folder, f"{network}_{form}_{kind}", made, quant_format=forms[form], per_channel=per_channel,
                  activation_type=activation, weight_type=weight,
                  extra_options={"ActivationSymmetric": kind == "s8_channels", "ForceQuantizeNoInputCheck": True})


if __name__ == "__main__":
    main()
