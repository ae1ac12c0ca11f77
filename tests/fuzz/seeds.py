#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Seeds for the fuzzing programs. In: the folder that gets one folder a reader of readers.txt; MOTE_DATA for the models
# of others. Out: small files that the readers take. A function here has the name of its reader and yields
# (name, bytes); graph and trace are written by own_seeds.cc.
import io
import json
import math
import os
import struct
import sys
import tarfile
import wave
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DATA = Path(os.environ.get("MOTE_DATA", "/nonexistent"))
LARGEST = 65536


def files(folder, pattern):
    for path in sorted(folder.glob(pattern)):
        if path.stat().st_size <= LARGEST:
            yield path.name, path.read_bytes()


def pytorch_models(ending):
    with zipfile.ZipFile(ROOT / "tests/conformance/pytorch/models.zip") as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(ending) and entry.file_size <= LARGEST:
                yield entry.filename, archive.read(entry)


def tflite():
    yield from files(DATA / "models/tflite", "*.tflite")
    yield from files(DATA / "models/tflm_seanet_int16_kernels", "**/*.tflite")


def onnx():
    yield from files(DATA / "models/onnx", "*.onnx")
    for archive in sorted((DATA / "models").glob("onnx_node_tests_*.tar.gz")):
        with tarfile.open(archive) as tar:
            for member in tar:
                if member.name.endswith("/model.onnx") and member.size <= LARGEST:
                    yield member.name.split("/")[-2], tar.extractfile(member).read()


def pte():
    yield from files(DATA / "models/pytorch", "*.pte")
    yield from pytorch_models(".pte")


def pt2():
    yield from pytorch_models(".pt2")


def graph():
    return ()


def trace():
    return ()


def rows(n, axes):
    return [[round(math.sin(0.3 * i + a), 3) for a in range(axes)] for i in range(n)]


def csv():
    def table(header, lines, separator=","):
        return "\n".join(separator.join(map(str, line)) for line in [header] * bool(header) + lines).encode() + b"\n"

    timed = [[i * 10] + row for i, row in enumerate(rows(12, 3))]
    yield "time_ms", table(["time_ms", "acc_x [m/s2]", "acc_y (m/s2)", "label"], [t[:3] + ["walk"] for t in timed])
    yield "gap", table(["t", "x", "y", "z"], timed[:5] + timed[8:])
    yield "tabs", table(["seconds", "x"], [[i / 50, i] for i in range(9)], "\t")
    yield "semicolons", "time;x\n0,00;1,5\n0,01;2,5\n0,02;\n0,03;3,5\n".encode()
    dates = [[f"2024-05-15T13:33:{i:02}.{i}+02:00", i, '"a ""b"""'] for i in range(10, 16)]
    yield "dates", table(["timestamp", "x", "note"], dates)
    yield "slower_sensor", table(["time", "x", "slow"], [[i, i, i if i % 4 == 0 else ""] for i in range(12)])
    yield "no_header", table([], timed)


def labels():
    yield "seconds", b"file,begin,end,label\na.csv,0,1.5,walk\na.csv,1.5,3,run\nb.csv,0,5,rest\nleft/out.csv,0,1,x\n"
    yield "dates", b"file,begin,end,label\nb.csv,2024-01-01 10:00:00,2024-01-01 10:00:02,walk\n"
    yield "quoted", b'label;file;end;begin\n"a;b";"walk/a.csv";2,5;1\n'


def wav():
    for channels, width in ((1, 1), (1, 2), (2, 2), (3, 3), (2, 4)):
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(channels)
            file.setsampwidth(width)
            file.setframerate(16000)
            file.writeframes(bytes(range(12 * channels * width)))
        yield f"{channels}x{8 * width}", out.getvalue()
    floats = struct.pack("<8f", *[0.125 * i for i in range(8)])
    form = struct.pack("<HHIIHH", 3, 1, 8000, 32000, 4, 32)
    body = b"WAVE" + b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", 32) + floats
    yield "float", b"RIFF" + struct.pack("<I", len(body)) + body


def npy_bytes(descr, shape, numbers, fortran=False, version=1):
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    size = "<H" if version == 1 else "<I"
    space = -(10 + 2 * (version > 1) + len(header) + 1) % 64
    header = header.encode() + b" " * space + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack(size, len(header)) + header + numbers


def npy():
    for descr, code in (("<f4", "f"), ("<f8", "d"), ("|i1", "b"), ("<i2", "h"), ("<i4", "i"), ("|u1", "B")):
        numbers = struct.pack(f"<12{code}", *range(12))
        yield descr[1:], npy_bytes(descr, "(12,)", numbers)
        yield descr[1:] + "_rows", npy_bytes(descr, "(4, 3)", numbers, code in "fh", 1 + (code == "d"))


def npz():
    numbers = struct.pack("<12f", *range(12))
    for name, members in (("rows", {"acc": "(4, 3)"}), ("axes", {"x": "(12,)", "y": "(12,)"})):
        for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", method) as archive:
                for member, shape in members.items():
                    archive.writestr(member + ".npy", npy_bytes("<f4", shape, numbers))
            yield f"{name}_{method}", out.getvalue()


def acquisition(values, sensors):
    return {"protected": {"ver": "v1", "alg": "none", "iat": 1700000000}, "signature": "0" * 64,
            "payload": {"device_name": "a", "device_type": "collar", "interval_ms": 16.5,
                        "sensors": [{"name": name, "units": "m/s2"} for name in sensors], "values": values}}


def acquisitions():
    yield "two_axes", acquisition([[1.5, -2], [None, 3], [4, 5]], ["x", "y"])
    yield "bare", acquisition([1, -2, 3.25], ["audio"])


def cbor(value):
    def head(major, n):
        return bytes([major << 5 | n]) if n < 24 else struct.pack(">BI", major << 5 | 26, n)

    if value is None:
        return b"\xf6"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, float):
        return struct.pack(">Bd", 0xFB, value)
    if isinstance(value, str):
        return head(3, len(value)) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())


def ei_json():
    for name, document in acquisitions():
        yield name, json.dumps(document).encode()


def ei_cbor():
    for name, document in acquisitions():
        yield name, cbor(document)


def ts():
    head = ("# two\n@problemName Moves\n@timeStamps false\n@univariate false\n@dimensions 2\n@equalLength true\n"
            "@seriesLength 3\n@classLabel true walk run\n@data\n")
    yield "two", (head + "1,2,3:4,5,6:walk\n-1,0.5,1e-3:7,?,9:run\n").encode()
    yield "univariate", b"@problemName A\n@univariate true\n@classLabel true 0 1\n@data\n1,2,3:0\n4,5,6,7:1\n"


def config():
    projects = sorted(ROOT.glob("examples/*/*/mote.toml")) + sorted(ROOT.glob("tests/golden/*/*.toml"))
    for number, path in enumerate(projects):
        yield str(number), path.read_bytes()


def board():
    yield from files(ROOT / "boards", "*.toml")
    yield from files(ROOT / "tests/ports", "*.toml")


def pieces(*frames):
    return b"\x01" + b"".join(struct.pack("<BH", kind, len(payload)) + payload for kind, payload in frames)


def u32(*numbers):
    return struct.pack(f"<{len(numbers)}I", *numbers)


def reports():
    info = u32(0) + struct.pack("<HH", 1, 1024) + u32(100, 2, 2, 2, 8) + b"a" * 64 + b"tractor"
    introduction = [(0x81, info), (0x8B, u32(0, 3)), (0x8B, u32(1, 1)), (0x82, u32(0) + b"sum"),
                    (0x82, u32(1) + b"decide"), (0x89, b"\x01" + u32(5))]
    playing = [(0x86, u32(0)), (0x89, b"\x07" + u32(1)), (0x89, b"\x06" + u32(0)), (0x89, b"\x02" + u32(0)),
               (0x83, u32(1, 0) + b"ab"), (0x89, b"\x03" + u32(1)), (0x89, b"\x04" + u32(0)),
               (0x84, u32(2, 0, 5, 6)), (0x85, u32(6, 1, 9)), (0x89, b"\x05" + u32(2))]
    yield "introduction", pieces(*introduction)
    yield "playing", pieces(*introduction, *playing)
    yield "error", pieces(*introduction, (0x8A, b"\x05" + u32(1, 2)))


def player():
    sample = struct.pack("<HH3h", 0, 3, 1, 2, 3)
    talk = [(1, u32(7)), (6, b"\x01"), (2, b""), (3, sample), (3, struct.pack("<HHh", 1, 1, 4)),
            (4, struct.pack("<HI", 0, 5)), (8, b""), (5, b""), (7, b""), (10, b"")]
    yield "talk", pieces(*talk)
    yield "load", pieces((9, u32(0) + bytes(1000)), (9, u32(1000) + bytes(504)), (10, b""))
    yield "noise", b"\x00\xb5\x6d\x01\x04\x00abcdefgh"


def readers():
    for line in (HERE / "readers.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split()[0]


def main(folder):
    for reader in readers():
        target = folder / reader
        target.mkdir(parents=True, exist_ok=True)
        for name, data in globals()[reader]():
            (target / name).write_bytes(data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
