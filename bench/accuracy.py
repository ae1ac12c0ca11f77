#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# What models get right on labelled data: the float files, the published int8 files (by mote and by TensorFlow Lite
# Micro, every output byte compared), what `mote quantize` makes of the float files, hybrid files (by mote and by
# LiteRT), and .onnx files that say their integers by pairs (QDQ). Where there are few samples, what is evaluated on one
# half was calibrated with the other, and both results are pooled. In: MOTE_DATA, the program build/mote (or
# MOTE_PROGRAM); run by build/oracles/bin/python, which has the other runtimes. Out: a table; status 1 if a published
# int8 file answers otherwise than under TensorFlow Lite Micro.
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

import numpy as np
from PIL import Image

DATA = pathlib.Path(os.environ.get("MOTE_DATA", ""))
PROGRAM = os.environ.get("MOTE_PROGRAM", "build/mote")
KWS_SCALE, KWS_ZERO = 0.5847029089927673, 83  # of the features' int8 form: the input of the published int8 file
CALIBRATION_IMAGES = 20                       # of each class
BITS = ("8", "16x8", "4")
# Published int8 file, float file.
MODELS = {"KWS": ("tiny__kws_ref_model.tflite", "tiny__kws_ref_model_float32.tflite"),
          "VWW": ("tiny__vww_96_int8.tflite", "tiny__vww_96_float.tflite"),
          "IC": ("tiny__pretrainedResnet_quant.tflite", "tiny__pretrainedResnet.tflite")}


def keyword_spotting():
    folder = DATA / "audio/mlperf_tiny_kws01_mfcc_int8"
    rows = [row for row in csv.reader(open(folder / "y_labels.csv")) if (folder / row[0]).exists()]
    x = np.stack([np.fromfile(folder / row[0], np.int8).reshape(1, 49, 10, 1) for row in rows])
    labels = np.array([int(row[2]) for row in rows], np.int32)
    return ((x.astype(np.float32) - KWS_ZERO) * np.float32(KWS_SCALE)), labels


def image_classification():
    calibration, test = {}, {}
    with tarfile.open(DATA / "retail_generic_vision/cifar10_jpg.tar.gz") as tar:
        for member in tar:
            parts = member.name.split("/")
            if not member.name.endswith(".jpg"):
                continue
            into = test if parts[1] == "test" else calibration
            if into is test or len(into.setdefault(parts[2], [])) < CALIBRATION_IMAGES:
                pixels = np.asarray(Image.open(io.BytesIO(tar.extractfile(member).read())), np.float32)
                into.setdefault(parts[2], []).append(pixels[None])
    stacked = lambda of: np.stack([image for name in sorted(of) for image in of[name]])
    labels = lambda of: np.array([c for c, name in enumerate(sorted(of)) for _ in of[name]], np.int32)
    return stacked(calibration), labels(calibration), stacked(test), labels(test)


def raw_images():
    folder = DATA / "retail_generic_vision/cifar10_raw_rgb_hwc_uint8"
    rows = [row for row in csv.reader(open(folder / "labels.csv")) if row[0].endswith(".bin")]
    x = np.stack([np.fromfile(folder / row[0], np.uint8).reshape(1, 32, 32, 3) for row in rows])
    return x.astype(np.float32), np.array([int(row[1]) for row in rows], np.int32)


def visual_wake_words():
    folder = DATA / "retail/vww01_person_96x96"
    rows = [row for row in csv.reader(open(folder / "labels.csv")) if row[0].endswith(".jpg")]
    x = np.stack([np.asarray(Image.open(folder / row[0]).convert("RGB"), np.float32)[None] / 255 for row in rows])
    return x, np.array([int(row[1]) for row in rows], np.int32)


BEATS = {1: 0, 2: 1, 3: 2, 8: 3, 5: 4, 12: 5}  # the annotations N L R A V / of a .atr file, in the model's order


def first_lead(file):
    """Of a WFDB file of format 212: two numbers of 12 bits in three bytes, the leads in turn."""
    triples = np.fromfile(file, np.uint8).astype(np.int32).reshape(-1, 3)
    numbers = triples[:, 0] | (triples[:, 1] & 15) << 8
    return np.where(numbers > 2047, numbers - 4096, numbers).astype(np.float64)


def annotations(file):
    """(sample, code) of each: words of 6 bits of code and 10 of what; 59 skips, 60 to 63 say more of the last."""
    words, i, at = np.fromfile(file, np.uint16).astype(np.int64), 0, 0
    while words[i] != 0:
        code, what = words[i] >> 10, words[i] & 1023
        i += 1
        if code == 59:
            at, i = at + (words[i] << 16) + words[i + 1], i + 2
        elif code == 63:
            i += (what + 1) // 2
        elif code < 60:
            at += what
            yield int(at), int(code)


def heart_beats(before=160, length=319, every=17):
    """Beats as the hybrid model takes them: each by its own mean and deviation, then each column by those of equally
    many beats a class. How exactly its authors scaled is not published: what counts is that two runtimes agree."""
    x, labels = [], []
    for file in sorted((DATA / "health/mitbih_360hz").glob("*.dat")):
        lead = first_lead(file)
        for at, code in annotations(file.with_suffix(".atr")):
            if code in BEATS and before <= at <= len(lead) - length + before:
                x.append(lead[at - before:at - before + length])
                labels.append(BEATS[code])
    x, labels = np.stack(x), np.array(labels, np.int32)
    x = (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)
    fewest = min(np.count_nonzero(labels == c) for c in set(labels))
    even = np.concatenate([np.flatnonzero(labels == c)[:fewest] for c in sorted(set(labels))])
    x = (x - x[even].mean(0)) / x[even].std(0)
    return x[::every].reshape(-1, 1, length, 1).astype(np.float32), labels[::every]


class Samples:
    """A folder of samples as `mote` reads it."""

    def __init__(self, root, name, x, labels):
        self.x, self.labels, self.folder = x, labels, pathlib.Path(root, name)
        self.folder.mkdir()
        np.save(self.folder / "x.npy", x.astype(np.float32))
        np.save(self.folder / "labels.npy", labels)

    def transposed(self, root, name):
        return Samples(root, name, self.x.transpose(0, 1, 4, 2, 3), self.labels)


def mote(*words):
    done = subprocess.run([PROGRAM, *map(str, words), "--json", "--quiet"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"accuracy: mote {' '.join(map(str, words))}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def by_mote(model, samples, out):
    accuracy = 100 * mote("evaluate", model, "--data", samples.folder, "--out", out)["accuracy"]
    return accuracy, np.load(pathlib.Path(out, "output_0.npy"))


def right(outputs, labels):
    return 100 * float(np.mean(outputs.reshape(len(labels), -1).argmax(1) == labels))


def by_tflm(model, x):
    from tflite_micro import runtime
    interpreter = runtime.Interpreter.from_file(str(model))
    about = interpreter.get_input_details(0)
    scale, zero = about["quantization_parameters"]["scales"][0], about["quantization_parameters"]["zero_points"][0]
    integers = np.clip(np.rint(x.astype(np.float64) / float(scale)) + zero, -128, 127).astype(np.int8)
    outputs = []
    for sample in integers:
        interpreter.set_input(sample.reshape(about["shape"]), 0)
        interpreter.invoke()
        outputs.append(interpreter.get_output(0).copy())
    return np.stack(outputs)


def by_litert(model, x):
    from ai_edge_litert.interpreter import Interpreter
    interpreter = Interpreter(str(model))
    interpreter.allocate_tensors()
    outputs = []
    for sample in x:
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], sample)
        interpreter.invoke()
        outputs.append(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).copy())
    return np.stack(outputs)


class Table:
    def __init__(self, root):
        self.root, self.count, self.bad = pathlib.Path(root), 0, False
        print("| task | samples | model | by mote | by | other runtime | outputs |")
        print("| --- | --- | --- | --- | --- | --- | --- |")

    def folder(self):
        self.count += 1
        return self.root / f"out{self.count}"

    def row(self, task, samples, model, accuracy, other=("", "", "")):
        second = f"{other[1]:.2f}" if other[0] else ""
        print(f"| {task} | {len(samples.labels)} | {model} | {accuracy:.2f} | {other[0]} | {second} | {other[2]} |",
              flush=True)

    def published(self, task, samples, model):
        accuracy, outputs = by_mote(model, samples, self.folder())
        expected = by_tflm(model, samples.x)
        equal = np.array_equal(outputs.reshape(expected.shape), expected)
        self.bad |= not equal
        differing = np.count_nonzero(outputs.reshape(expected.shape) != expected)
        self.row(task, samples, model.name, accuracy,
                 ("TFLM", right(expected, samples.labels), "every byte equal" if equal else f"{differing} differ"))
        return accuracy

    def real(self, task, samples, model):
        accuracy, outputs = by_mote(model, samples, self.folder())
        if model.suffix != ".tflite":
            self.row(task, samples, model.name, accuracy)
            return accuracy
        expected = by_litert(model, samples.x)
        same = np.mean(outputs.reshape(len(samples.labels), -1).argmax(1) ==
                       expected.reshape(len(samples.labels), -1).argmax(1))
        self.row(task, samples, model.name, accuracy,
                 ("LiteRT", right(expected, samples.labels), f"{100 * same:.1f} % decided alike"))
        return accuracy

    def quantized(self, task, parts, model, bits, real):
        """`parts`: what to calibrate with and what to evaluate on; of two parts the results are pooled."""
        right_ones, count, moved = 0, 0, []
        for calibration, samples in parts:
            out = self.root / f"{model.stem}.{bits}.graph.txt"
            try:
                made = mote("quantize", model, "--data", calibration.folder, "--bits", bits, "--out", out)
            except SystemExit as refusal:
                if "over-budget" not in str(refusal):
                    raise
                print(f"| {task} | {len(samples.labels)} | {model.name} by mote quantize --bits {bits} | | float | "
                      f"{real:.2f} | no choice keeps the budget |", flush=True)
                return
            accuracy, _ = by_mote(out, samples, self.folder())
            right_ones += accuracy * len(samples.labels)
            count += len(samples.labels)
            moved.append(str(len(made["repairs"])))
        accuracy = right_ones / count
        print(f"| {task} | {count} | {model.name} by mote quantize --bits {bits} | {accuracy:.2f} | float | "
              f"{real:.2f} | {real - accuracy:+.2f} points lost; {' and '.join(moved)} layers repaired |", flush=True)


def main():
    if not DATA.joinpath("models").is_dir():
        print("accuracy: MOTE_DATA is not set; it names the folder that holds models, audio, retail", file=sys.stderr)
        return 1
    tflite, onnx = DATA / "models/tflite", DATA / "models/onnx"
    with tempfile.TemporaryDirectory() as root:
        table = Table(root)

        for task, (x, labels) in (("KWS", keyword_spotting()), ("VWW", visual_wake_words())):
            published, real = MODELS[task]
            whole = Samples(root, task, x, labels)
            if task == "KWS":
                flat = Samples(root, "kws_flat", x.reshape(len(x), 1, -1), labels)
                table.real("KWS, QDQ", flat, onnx / "tiny_results_v1.3__kws_ref_model.onnx")
            halves = [Samples(root, f"{task}_{k}", x[k::2], labels[k::2]) for k in (0, 1)]
            table.published(task, whole, tflite / published)
            accuracy = table.real(task, whole, tflite / real)
            for bits in BITS:
                table.quantized(task, [halves, halves[::-1]], tflite / real, bits, accuracy)

        table.real("ECG, hybrid", Samples(root, "ecg", *heart_beats()), tflite / "mit-bih__float32.tflite")

        x, labels, test_x, test_labels = image_classification()
        published, real = MODELS["IC"]
        for task, samples in (("IC, JPEG images", Samples(root, "ic", test_x, test_labels)),
                              ("IC, exact pixels", Samples(root, "ic_raw", *raw_images()))):
            calibration = Samples(root, f"{samples.folder.name}_calibration", x, labels)
            table.published(task, samples, tflite / published)
            accuracy = table.real(task, samples, tflite / real)
            for bits in BITS:
                table.quantized(task, [(calibration, samples)], tflite / real, bits, accuracy)
            table.real(f"{task}, QDQ", samples, onnx / "tiny_results_v1.3__resnet.onnx")
            model = onnx / "tiny_results_v1.2__pretrainedResnet.onnx"
            calibration = calibration.transposed(root, f"{samples.folder.name}_calibration_nchw")
            samples = samples.transposed(root, f"{samples.folder.name}_nchw")
            accuracy = table.real(task, samples, model)
            table.quantized(task, [(calibration, samples)], model, "8", accuracy)
    return 1 if table.bad else 0


if __name__ == "__main__":
    sys.exit(main())
