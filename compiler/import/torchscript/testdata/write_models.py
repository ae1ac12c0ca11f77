#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# The TorchScript files beside this script, and NAME.numbers: float32 of all inputs, then of the output, as PyTorch
# answers. In: PyTorch (Debian: apt install python3-torch). Out: files in the folder given, or here.
import io
import pathlib
import sys
import zipfile

import torch
from torch import nn


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 4))

    def forward(self, x):
        return torch.softmax(self.layers(x), dim=1)


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(2, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6),
                                      nn.ReLU(inplace=True), nn.MaxPool2d(2),
                                      nn.Conv2d(6, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8),
                                      nn.ReLU6(inplace=True), nn.AdaptiveAvgPool2d(1))
        self.classifier = nn.Linear(8, 3)

    def forward(self, x):
        x = self.features(x)
        return self.classifier(x.view(x.size(0), -1))


class DsCnn(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(1, 8, (5, 3), stride=2, padding=(2, 1)), nn.BatchNorm2d(8), nn.ReLU()]
        for _ in range(2):
            layers += [nn.Conv2d(8, 8, 3, padding=1, groups=8), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 8, 1),
                       nn.BatchNorm2d(8), nn.ReLU()]
        self.layers = nn.Sequential(*layers)
        self.classifier = nn.Linear(8, 5)

    def forward(self, x):
        return self.classifier(self.layers(x).mean((2, 3)))


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.cells = kind(4, 6, batch_first=True)
        self.classifier = nn.Linear(6, 3)

    def forward(self, x):
        return self.classifier(self.cells(x)[0][:, -1])


class Residual(nn.Module):
    """Control flow that shapes and constants decide, lists, two inputs."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(nn.Linear(6, 6) for _ in range(3))

    def forward(self, x, y):
        parts = [y]
        for block in self.blocks:
            if x.size(1) > 4:
                x = x + torch.tanh(block(x))
            else:
                x = x - 1
        for i in range(2):
            parts.append(x * float(i + 1))
        return torch.cat(parts, dim=1)


class DependsOnNumbers(nn.Module):
    def forward(self, x):
        return x + 1 if bool(x.sum() > 0) else x - 1


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.seen = torch.zeros(1)

    def forward(self, x):
        self.seen = self.seen + x.sum()
        return x + self.seen


class Quantized(nn.Module):
    def forward(self, x):
        q = torch.quantize_per_tensor(x, 0.1, 3, torch.quint8)
        return torch.dequantize(torch.ops.quantized.add(q, q, 0.2, 5))


def settle(model):
    """Batch norms whose numbers are not those of the start."""
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.running_mean, -0.3, 0.3)
            nn.init.uniform_(layer.running_var, 0.5, 2)
            nn.init.uniform_(layer.weight, 0.5, 1.5)
            nn.init.uniform_(layer.bias, -0.3, 0.3)
    return model.eval()


def save(module, path):
    """Without the places in the source that PyTorch keeps: they name folders of this machine."""
    whole = io.BytesIO()
    torch.jit.save(module, whole)
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(path, "w") as out:
        for name in archive.namelist():
            if not name.endswith(".debug_pkl"):
                out.writestr(zipfile.ZipInfo(name), archive.read(name))


def write(folder, name, model, shapes, trace=False):
    inputs = [torch.rand(shape) * 2 - 1 for shape in shapes]
    settle(model)
    module = torch.jit.trace(model, inputs) if trace else torch.jit.script(model)
    save(module, folder / f"{name}.pt")
    with torch.no_grad():
        output = model(*inputs)
    numbers = b"".join(tensor.contiguous().numpy().astype("<f4").tobytes() for tensor in [*inputs, output])
    (folder / f"{name}.numbers").write_bytes(numbers)


def main(folder):
    torch.manual_seed(7)
    write(folder, "mlp", Mlp(), [(1, 10)])
    write(folder, "cnn", Cnn(), [(1, 2, 12, 12)])
    write(folder, "ds_cnn", DsCnn(), [(1, 1, 20, 8)], trace=True)
    write(folder, "gru", Recurrent(nn.GRU), [(1, 5, 4)])
    write(folder, "lstm", Recurrent(nn.LSTM), [(1, 5, 4)])
    write(folder, "residual", Residual(), [(1, 6), (1, 2)])
    for name, model in (("depends_on_numbers", DependsOnNumbers()), ("counter", Counter()), ("quantized", Quantized())):
        save(torch.jit.script(model), folder / f"{name}.pt")
    torch.save(Mlp().state_dict(), str(folder / "state_dict.pt"))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent))
