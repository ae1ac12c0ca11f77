#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes models.zip, the test models of PyTorch's formats with what PyTorch answers.

Run by hand, in an environment with PyTorch 2.9, torchao 0.14 and executorch 1.0: write_models.py [NAME ...]
NAME.pt2 is the exported program, without stack traces and examples; NAME.pte the same for ExecuTorch, not delegated.
NAME.bin holds the bytes of the inputs, then of the outputs, one tensor after the other, as answers_test.h reads them;
that of a quantised one (pt2e_...) its outputs for 200 samples, which quantized_pt2_test.cc makes, too. Entries of
models that are not named stay as they are.
"""
import math
import pathlib
import sys
import tempfile
import zipfile

import torch

from networks import (Activations, ChannelsLast, Cnn, DsCnn, Elementwise, Images, Layers, Mlp, Movement, Recurrent,
                      Reductions, SmallRecurrent, Streaming, Strided, Transformer, prepared)
from quantized_networks import Residual, Small, WeightsOnly, quantised, x86, xnnpack

ARCHIVE = pathlib.Path(__file__).resolve().parent / "models.zip"


def pt2_of(name, model, inputs, decomposed):
    program = torch.export.export(model, inputs)
    if decomposed:
        program = program.run_decompositions()
    for node in program.graph.nodes:
        for key in ("stack_trace", "nn_module_stack", "source_fn_stack", "torch_fn",
                    "from_node"):
            node.meta.pop(key, None)
    program.example_inputs = None
    with tempfile.TemporaryDirectory() as folder:  # the archive's own folder has the file's name
        file = pathlib.Path(folder, f"{name}.pt2")
        torch.export.save(program, file)
        return file.read_bytes()


QUANTIZED_OUT = (
    "quantize_per_tensor.out(Tensor input, float scale, int zero_point, int quant_min, int quant_max, ScalarType dtype",
    "dequantize_per_tensor.out(Tensor input, float scale, int zero_point, int quant_min, int quant_max, "
    "ScalarType dtype, *, ScalarType? out_dtype=None",
    "dequantize_per_channel.out(Tensor input, Tensor scales, Tensor? zero_points, int axis, int quant_min, "
    "int quant_max, ScalarType dtype, *, ScalarType? out_dtype=None")


def declare_quantized_out():
    """As kernels/quantized/quantized.yaml of ExecuTorch has them; its own library wants its own build of PyTorch."""
    library = torch.library.Library("quantized_decomposed", "FRAGMENT")
    for schema in QUANTIZED_OUT:
        library.define(schema + ("" if "*" in schema else ", *") + ", Tensor(a!) out) -> Tensor(a!)")
    return library


def pte_of(model, inputs):
    from executorch.exir import EdgeCompileConfig, to_edge
    edge = to_edge(torch.export.export(model, inputs),
                   compile_config=EdgeCompileConfig(_check_ir_validity=False))
    return edge.to_executorch().buffer


def generated(shape, count=200):
    """x = x * 1664525 + 1013904223, the upper byte of each less 128, in 32nds."""
    x, numbers = 1, []
    for _ in range(count * math.prod(shape)):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        numbers.append(((x >> 24) - 128) / 32)
    return torch.tensor(numbers).reshape(count, 1, *shape[1:]).unbind()


def answers_of(name, model, inputs):
    program = torch.export.export(model, inputs).module()
    with torch.no_grad():
        if name.startswith("pt2e_"):
            tensors = [program(x) for x in generated(inputs[0].shape)]
        else:
            outputs = program(*inputs)
            tensors = [*inputs, *(outputs if isinstance(outputs, (tuple, list)) else (outputs,))]
    return b"".join(in_memory(tensor.detach()).numpy().tobytes() for tensor in tensors)


def in_memory(tensor):
    if tensor.is_contiguous() or not tensor.is_contiguous(memory_format=torch.channels_last):
        return tensor.contiguous()
    return tensor.permute(0, 2, 3, 1)


def models():
    """Name, model, inputs, formats. What comes first takes its random numbers first."""
    both, image = ("pt2", "pte"), torch.randn(1, 3, 16, 16)
    yield "mlp", Mlp().eval(), (torch.randn(1, 12),), both
    model, inputs = prepared(Cnn(), image)
    yield "cnn", model, inputs, both
    yield "cnn_decomposed", model, inputs, ("decomposed",)
    yield "ds_cnn", *prepared(DsCnn(), torch.randn(1, 1, 49, 10)), both
    tokens = torch.randint(0, 11, (1, 6))
    yield "transformer", Transformer().eval(), (tokens,), both
    yield "transformer_decomposed", Transformer().eval(), (tokens,), ("decomposed",)
    yield "recurrent", Recurrent().eval(), (torch.randn(1, 5, 5),), ("pt2",)
    states = (torch.randn(4, 2, 6), torch.randn(4, 2, 6), torch.randn(1, 2, 7), torch.randn(1, 2, 4))
    yield "streaming", Streaming().eval(), (torch.randn(3, 2, 5), *states), ("pt2",)
    x, y = torch.randn(2, 3, 4), torch.randn(2, 1, 4)
    n = torch.tensor([[-2, 0, 3, 2]])
    yield "elementwise", Elementwise(), (x, y, n), both
    yield "activations", Activations(), (torch.randn(1, 4, 3, 5),), both
    yield "reductions", *prepared(Reductions(), torch.randn(2, 4, 5, 6)), both
    yield "movement", Movement(), (torch.randn(2, 4, 6, 5), torch.tensor([4, 0, 5])), ("pt2",)
    yield "layers", Layers().eval(), (torch.randn(1, 4, 9, 7),), ("pt2",)
    yield "strided", Strided(), (torch.randn(3, 8),), both
    model, inputs = prepared(Cnn(), image)
    yield "pt2e_cnn", quantised(model, inputs, xnnpack(), strict=False), inputs, both
    images = torch.randn(1, 4, 7, 8), torch.randn(1, 4, 4, 6, 5)
    yield "images", *prepared(Images(), *images), ("pt2",)
    torch.manual_seed(21)
    small, inputs = prepared(Small(), torch.randn(1, 2, 8, 8))
    yield "pt2e_small_s8", quantised(small, inputs, xnnpack()), inputs, ("pt2",)
    yield "pt2e_small_s8_decomposed", quantised(small, inputs, xnnpack()), inputs, ("decomposed",)
    yield "pt2e_small_u8", quantised(small, inputs, x86(False)), inputs, ("pt2",)
    yield "pt2e_small_u7", quantised(small, inputs, x86(True)), inputs, ("pt2",)
    residual = Residual().eval()
    yield "pt2e_residual_s8", quantised(residual, inputs, xnnpack()), inputs, ("pt2",)
    yield "pt2e_residual_u8", quantised(residual, inputs, x86(False)), inputs, ("pt2",)
    yield "pt2e_weights", WeightsOnly(), (torch.randn(1, 8),), ("pt2",)
    torch.manual_seed(22)
    yield "small_recurrent", SmallRecurrent().eval(), (torch.randn(1, 3, 4),), ("pte",)
    last = torch.randn(1, 3, 8, 6).to(memory_format=torch.channels_last)
    yield "channels_last", ChannelsLast().eval(), (last,), ("pte",)


def update(new):
    """The entries `new` in place of those of the same names. Deflated: the programs are mostly JSON."""
    known = {}
    if ARCHIVE.exists():
        with zipfile.ZipFile(ARCHIVE) as archive:
            known = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(ARCHIVE, "w") as archive:
        for name, data in sorted({**known, **new}.items()):
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED, 9)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(20)
    library = declare_quantized_out()  # noqa: F841: it lasts as long as this name
    made = {}
    for name, model, inputs, formats in models():
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        made[f"{name}.bin"] = answers_of(name, model, inputs)
        if "pte" in formats:
            made[f"{name}.pte"] = pte_of(model, inputs)
        if formats != ("pte",):
            made[f"{name}.pt2"] = pt2_of(name, model, inputs, "decomposed" in formats)
    update(made)


if __name__ == "__main__":
    main()
