# SPDX-License-Identifier: Apache-2.0
"""For write_models.py: small networks, and how PT2E quantises a network: what its pairs of quantized_decomposed calls
say by the quantisers of XNNPACK (signed activations) and of x86 (unsigned ones). Needs PyTorch 2.9, torchao 0.14."""
import torch
from torch import nn
from torch.nn import functional as F


class Small(nn.Module):
    """Convolutions plain, by channel and 1 x 1, activations, both pools, a dense layer."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(2, 6, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 6, 3, padding=1, groups=6), nn.ReLU(), nn.Conv2d(6, 8, 1, bias=False),
            nn.BatchNorm2d(8), nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))

    def forward(self, x):
        return self.layers(x)


class Residual(nn.Module):
    """A sum and a join of branches."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(2, 6, 3, padding=1)
        self.second = nn.Conv2d(6, 6, 3, padding=1)
        self.third = nn.Conv2d(6, 4, 1)
        self.last = nn.Linear(10, 5)

    def forward(self, x):
        a = F.relu(self.first(x))
        b = F.relu(a + self.second(a))
        c = torch.cat((b, F.relu(self.third(b))), 1)
        return self.last(F.avg_pool2d(c, 8).flatten(1))


class WeightsOnly(nn.Module):
    """Integers only where the weights are kept: the arithmetic is that of real numbers."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weight", torch.randint(-127, 128, (5, 8), dtype=torch.int8))
        self.register_buffer("scales", torch.rand(5) / 100 + 0.01)
        self.register_buffer("zero_points", torch.zeros(5, dtype=torch.int64))

    def forward(self, x):
        weight = torch.ops.quantized_decomposed.dequantize_per_channel(
            self.weight, self.scales, self.zero_points, 0, -127, 127, torch.int8)
        return F.relu(F.linear(x, weight))


def xnnpack():
    """Signed activations."""
    from torchao.testing.pt2e._xnnpack_quantizer import (XNNPACKQuantizer,
                                                         get_symmetric_quantization_config)
    return XNNPACKQuantizer().set_global(get_symmetric_quantization_config(is_per_channel=True))


def x86(reduced):
    """Unsigned activations, reduced: of 7 bits."""
    import torchao.quantization.pt2e.quantizer.x86_inductor_quantizer as quantizer
    config = quantizer.get_default_x86_inductor_quantization_config(reduce_range=reduced)
    return quantizer.X86InductorQuantizer().set_global(config)


def quantised(model, inputs, quantizer, strict=True):
    """PT2E: post-training quantisation, static, weights per channel."""
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
    program = torch.export.export(model, inputs, strict=strict)
    observed = prepare_pt2e(program.module(), quantizer)
    for _ in range(8):
        observed(*[torch.randn_like(x) for x in inputs])
    return convert_pt2e(observed)
