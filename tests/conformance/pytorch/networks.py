# SPDX-License-Identifier: Apache-2.0
"""For write_models.py: networks of real numbers, among them every operator that mote takes. Needs PyTorch 2.9."""
import torch
from torch import nn
from torch.nn import functional as F


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 16), nn.GELU(),
                                    nn.Dropout(), nn.Linear(16, 4), nn.Softmax(-1))

    def forward(self, x):
        return self.layers(x)


class Cnn(nn.Module):
    """Batch norms that fold into a convolution, and one that does not."""

    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 8, 3, padding=1, bias=False),
                                   nn.BatchNorm2d(8), nn.ReLU(inplace=True), nn.MaxPool2d(2))
        self.second = nn.Sequential(nn.Conv2d(8, 8, 3, stride=2, padding=1, groups=2),
                                    nn.BatchNorm2d(8), nn.Hardswish())
        self.last = nn.Linear(8, 5)

    def forward(self, x):
        y = self.first(x)
        y = y[:, :, ::2, ::2] + self.second(y)
        return self.last(F.adaptive_avg_pool2d(y, 1).flatten(1))


class DsCnn(nn.Module):
    """A keyword spotter: depthwise separable convolutions on 49 frames of 10 coefficients."""

    def __init__(self, channels=16, classes=12):
        super().__init__()
        layers = [nn.Conv2d(1, channels, (10, 4), stride=2, padding=(5, 1), bias=False),
                  nn.BatchNorm2d(channels), nn.ReLU()]
        for _ in range(2):
            layers += [nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False),
                       nn.BatchNorm2d(channels), nn.ReLU(),
                       nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels),
                       nn.ReLU()]
        self.features = nn.Sequential(*layers, nn.AvgPool2d((25, 5)))
        self.scores = nn.Linear(channels, classes)

    def forward(self, x):
        return F.log_softmax(self.scores(torch.flatten(self.features(x), 1)), dim=1)


class Transformer(nn.Module):
    def __init__(self, tokens=11, steps=6, width=16):
        super().__init__()
        self.embedding = nn.Embedding(tokens, width)
        self.place = nn.Parameter(torch.randn(steps, width))
        self.layer = nn.TransformerEncoderLayer(width, 2, 24, batch_first=True, activation="gelu")
        self.causal = nn.Linear(width, 3 * width)
        self.scores = nn.Linear(width, tokens)

    def forward(self, tokens):
        x = self.layer(self.embedding(tokens) + self.place)
        q, k, v = self.causal(x).unflatten(-1, (2, 3, 8)).permute(3, 0, 2, 1, 4).unbind()
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.scores(x + y.transpose(1, 2).reshape(x.shape))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(5, 6, num_layers=2, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(12, 7, batch_first=True)
        self.rnn = nn.RNN(7, 4, bias=False)
        self.last = nn.Linear(7, 3)

    def forward(self, x):
        x, _ = self.lstm(x)
        x, state = self.gru(x)
        y, _ = self.rnn(x.transpose(0, 1))
        return self.last(state[-1]), y


class Streaming(nn.Module):
    """States of recurrent layers as inputs and outputs of the model."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(5, 6, num_layers=2, bidirectional=True)
        self.gru = nn.GRU(12, 7)
        self.rnn = nn.RNN(7, 4, nonlinearity="relu")
        self.scores = nn.Linear(6, 3)

    def forward(self, x, h, c, g, r):
        x, (h, c) = self.lstm(x, (h, c))
        x, g = self.gru(x, g)
        x, r = self.rnn(x, r)
        return x, h, c, g, r, self.scores(h[-1])


class Elementwise(nn.Module):
    def forward(self, x, y, n):
        positive = x.abs() + 0.1
        whole = x.round().to(torch.int32)
        z = x.clone()
        z.add_(y)
        z.mul_(2)
        return (x + y, x + 2, torch.add(x, y, alpha=3), x - y, 1 - x, torch.sub(x, y, alpha=0.5),
                x * y, x * 0.25, x / positive, x / 3, x ** 2, positive ** 0.5, positive ** y,
                torch.minimum(x, y), torch.maximum(x, y), x > y, x >= 0.5, x < y, x <= 0, x == y,
                n != 2, torch.where(x > 0, x, y), torch.where(x > 0, x, 0.5),
                x.masked_fill(y > 0, -1.0), torch.logical_and(x > 0, y > 0), ~(x > 0),
                torch.logical_or(n > 0, n < -1), n + 1, n * n, n + x, n / 2,
                torch.div(x, y + 5, rounding_mode="floor"), torch.remainder(x, 0.75),
                torch.fmod(x, 0.75), torch.addcmul(x, y, y, value=0.5), torch.lerp(x, y, 0.25),
                torch.atan2(x, y), z, n.float(), x.to(torch.int8), torch.rsub(x, 2, alpha=2),
                whole & 3, n > x)


class Activations(nn.Module):
    def __init__(self):
        super().__init__()
        self.prelu = nn.PReLU(4)

    def forward(self, x):
        p = x.abs() + 0.2
        unit = torch.tanh(x) * 0.9
        return (F.relu(x), F.relu6(3 * x), F.hardtanh(x), F.hardtanh(x, -0.5, 0.25), x.clamp(-1, 0.5),
                x.clamp(min=0), x.clamp(max=0.3), torch.sigmoid(x), torch.tanh(x), F.gelu(x),
                F.gelu(x, approximate="tanh"), F.silu(x), F.hardswish(2 * x), F.hardsigmoid(2 * x),
                F.leaky_relu(x, 0.2), F.elu(x, 0.7), F.selu(x), F.celu(x, 1.5), self.prelu(x),
                F.softplus(x), F.softplus(x, beta=2), F.mish(x), F.logsigmoid(x),
                F.threshold(x, 0.1, -2), F.glu(x, 1), x.exp(), p.log(), p.log2(), p.log10(), p.sqrt(),
                p.rsqrt(), x.neg(), x.abs(), x.sin(), x.cos(), unit.tan(), x.erf(), x.floor(),
                x.ceil(), x.round(), x.sign(), p.reciprocal(), x.square(), x.sinh(), x.cosh(),
                unit.asin(), unit.acos(), x.atan(), x.asinh(), (p + 1).acosh(), unit.atanh())


class Reductions(nn.Module):
    def __init__(self):
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(6), nn.LayerNorm((5, 6)), nn.RMSNorm(6)])
        self.group = nn.GroupNorm(2, 4)
        self.instance = nn.InstanceNorm2d(4, affine=True)
        self.batch = nn.BatchNorm1d(4)

    def forward(self, x):
        best, where = x.max(dim=1)
        top, places = x.topk(3, dim=2)
        return (x.mean(), x.mean(1), x.mean((2, 3), keepdim=True), x.sum(), x.sum((0, 2)), x.amax(1),
                x.amin((1, 3), keepdim=True), x.max(), x.min(), (x[0, 0, 0] * 0.5).prod(),
                x.prod(3), (x > 1).any(2), (x > -3).all(), x.argmax(1), x.argmin(3, keepdim=True),
                x.argmax(), best, where, x.var(1), x.std((2, 3), correction=0), x.cumsum(2),
                torch.linalg.vector_norm(x, dim=1), torch.linalg.vector_norm(x, 1, dim=(1, 2)), top,
                places, x.softmax(1), x.log_softmax(-1), *[norm(x) for norm in self.norms],
                self.group(x), self.instance(x), self.batch(x[:, :, 0]), (x > 0).sum(1))


class Movement(nn.Module):
    def forward(self, x, index):
        a, b = x.chunk(2, 1)
        c, d, e = x.split((1, 2, 1), 1)
        f, g, h = x.split(2, 2)
        ramp = torch.arange(6, dtype=torch.float32)
        return (x.view(2, 24, 5), x.reshape(-1), x.flatten(1, 2), x[:, :1].squeeze(1), x.unsqueeze(-1),
                x.permute(3, 1, 0, 2), x.transpose(1, -1), x[0, 0].t(), torch.cat((x, x * 2), 2),
                torch.stack((x, -x), 1), x[:, 1:3, ::2], x[:, -1], x.narrow(2, 1, 3), a - b,
                c + d[:, :1], e, f, g + h, x[:, :1].expand(-1, 3, -1, -1), x.repeat(1, 2, 1, 1),
                x.flip(2, 3), x.roll(2, 3), x.roll((1, -2), (1, 2)), x[:, :, index],
                x.index_select(1, torch.tensor([2, 0])), x.gather(1, x[:, :2].long() * 0 + 3),
                F.pad(x, (1, 2, 0, 1)), F.pad(x, (1, 1), value=3.0),
                F.pad(x, (2, 1, 1, 1), mode="reflect"), F.pad(x, (1, 1, 1, 1), mode="replicate"),
                F.pad(x, (1, 1, 1, 1), mode="circular"), x.tril(), x.triu(1), F.pixel_shuffle(x, 2),
                F.pixel_unshuffle(x[:, :, :, :4], 2), F.channel_shuffle(x, 2), x[:, 0, :, 0] * ramp,
                x + torch.zeros_like(x) + torch.ones(5), x.new_full((5,), 0.5) * x,
                x.movedim(1, 3), F.one_hot(index, 6), x.unbind(2)[3], x.unflatten(2, (2, 3)),
                x.swapaxes(0, 2), torch.full((2, 1, 1, 1), 1.5) + x)


class Layers(nn.Module):
    def __init__(self):
        super().__init__()
        self.images = nn.ModuleList([
            nn.Conv2d(4, 6, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2)),
            nn.Conv2d(4, 8, 3, padding="same", groups=4), nn.Conv2d(4, 6, 4, padding="same"),
            nn.Conv2d(4, 6, 1, padding="valid", groups=2), nn.MaxPool2d(3, 2, 1),
            nn.MaxPool2d((2, 3), ceil_mode=True), nn.AvgPool2d(3, 2, 1),
            nn.AvgPool2d(3, 2, 1, count_include_pad=False), nn.AvgPool2d(2, 2, ceil_mode=True),
            nn.AvgPool2d(2, divisor_override=3), nn.AdaptiveAvgPool2d((3, 1)),
            nn.AdaptiveMaxPool2d(1), nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1),
            nn.ConvTranspose2d(4, 3, 2, stride=3, output_padding=1),
            nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1, bias=False),
            nn.Upsample(scale_factor=2), nn.Upsample(size=(4, 15), mode="nearest"),
            nn.Upsample(size=(5, 13), mode="bilinear"),
            nn.Upsample(scale_factor=1.5, mode="bilinear", align_corners=True),
            nn.Upsample(scale_factor=2, mode="bicubic")])
        self.sequences = nn.ModuleList([
            nn.Conv1d(4, 6, 3, stride=2, padding=1), nn.Conv1d(4, 4, 3, groups=4), nn.MaxPool1d(2),
            nn.AvgPool1d(3, 1, 1), nn.ConvTranspose1d(4, 2, 4, stride=2, padding=1),
            nn.Upsample(scale_factor=2, mode="linear")])
        self.linear = nn.Linear(7, 3, bias=False)
        self.matrix = nn.Parameter(torch.randn(7, 2))

    def forward(self, x):
        line = x[:, :, 0]
        rows = x[0, 0]
        return (*[layer(x) for layer in self.images], *[layer(line) for layer in self.sequences],
                self.linear(x), x @ self.matrix, torch.mm(rows, rows.t()),
                torch.bmm(line, line.transpose(1, 2)), torch.addmm(rows[:, :2], rows, self.matrix),
                torch.baddbmm(line[:, :, :4], line, line.transpose(1, 2), beta=0.5, alpha=2),
                rows @ rows[0], x @ x.transpose(2, 3))


class Images(nn.Module):
    """What is no single layer of mote's: volumes, dilated pools, transposed layers in groups."""

    def __init__(self):
        super().__init__()
        self.images = nn.ModuleList([
            nn.MaxPool2d(2, 1, dilation=3), nn.MaxPool2d((2, 3), 2, (1, 1), (2, 1), ceil_mode=True),
            nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, groups=2),
            nn.ConvTranspose2d(4, 3, (2, 3), stride=(1, 2), padding=(0, 3), dilation=(3, 2),
                               output_padding=(1, 1)),
            nn.ConvTranspose2d(4, 4, 4, stride=3, groups=4, bias=False)])
        self.sequences = nn.ModuleList([
            nn.MaxPool1d(3, 2, 1, dilation=2), nn.ConvTranspose1d(4, 6, 3, groups=2, dilation=2)])
        self.volumes = nn.ModuleList([
            nn.Conv3d(4, 6, (2, 3, 1), stride=(2, 1, 2), padding=(1, 0, 1), dilation=(1, 2, 1)),
            nn.Conv3d(4, 4, 3, padding="same", groups=4, bias=False),
            nn.Conv3d(4, 6, 2, padding="valid", groups=2), nn.MaxPool3d(2),
            nn.MaxPool3d(3, 2, 1, dilation=(1, 1, 2), ceil_mode=True), nn.AvgPool3d(2, ceil_mode=True),
            nn.AvgPool3d(3, 2, 1), nn.AvgPool3d(3, 2, 1, count_include_pad=False),
            nn.AvgPool3d((2, 1, 2), divisor_override=3), nn.AdaptiveAvgPool3d(1),
            nn.AdaptiveAvgPool3d((2, 1, 5)), nn.AdaptiveMaxPool3d((4, 3, 1)),
            nn.ConvTranspose3d(4, 2, 3, stride=2, padding=1, output_padding=1)])
        self.normed = nn.Sequential(nn.Conv3d(4, 3, 2), nn.BatchNorm3d(3))

    def forward(self, image, volume):
        places = [F.max_pool2d(image, 3, 2, 1, return_indices=True),
                  F.max_pool3d(volume, 2, return_indices=True)]
        return (*[layer(image) for layer in self.images],
                *[layer(image[:, :, 0]) for layer in self.sequences],
                *[layer(volume) for layer in self.volumes], self.normed(volume), *sum(places, ()),
                self.images[0](image[0]), self.images[2](image[0]), self.volumes[0](volume[0]))


class Strided(nn.Module):
    """Parameters that are views: shared storage, an offset, a transposed matrix; half precision."""

    def __init__(self):
        super().__init__()
        storage = torch.randn(64)
        self.a = nn.Parameter(storage[8:40].view(4, 8).t())
        self.b = nn.Parameter(storage[40:64:3])
        self.small = nn.Parameter(torch.randn(8).half())

    def forward(self, x):
        return x @ self.a, x * self.b + self.small.float()


class SmallRecurrent(nn.Module):
    """Of few steps: ExecuTorch writes every step out."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 5, batch_first=True)
        self.gru = nn.GRU(5, 3, batch_first=True)

    def forward(self, x):
        x, (_, cell) = self.lstm(x)
        return self.gru(x)[0], cell


class ChannelsLast(nn.Module):
    """Of images that lie channels last; the parameters do not."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 6, 3, padding=1)
        self.depthwise = nn.Conv2d(6, 6, 3, stride=2, padding=1, groups=6)

    def forward(self, x):
        y = self.depthwise(F.relu(self.conv(x)))
        return torch.cat((y, F.max_pool2d(y, 3, 1, 1)), 1)


def prepared(model, *inputs):
    """In evaluation mode, batch norms with statistics that are not 0 and 1."""
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
            nn.init.normal_(module.weight, 1, 0.2)
            nn.init.normal_(module.bias)
    return model.eval(), inputs
