#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The measured figures of the main job: `make bench`.

In: examples/main_job/*/mote.toml and their data sets (MOTE_DATA, or the cache of `mote data get`).
Builds each with firmware in build/figures; the firmware of every fold decides on every held-out
window, on the emulated core of the example's board and on those of CORES.
Out: bench/RESULTS.md, also printed. A set that is not on this machine is said to be missing;
status 1 then.
"""
import json
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build/figures"

# Boards beside the example's own: M0 (with the memory of an RP2040), M0+, M3, M7, M33, M55.
CORES = ["tests/ports/m0.toml", "rp2040-pico", "mps2-an385", "stm32f746-disco", "rp2350-pico2",
         "corstone-300"]

# Example, data set, protocol, field of the report, baseline, asked.
ROWS = [
    ("basic_motions", "basic-motions", "published test split, accuracy", "accuracy_firmware", 1.00, 1.00),
    ("cow", "cow-imu", "leave one cow out, macro-F1 pooled over cows", "macro_f1_firmware", 0.948, 0.955),
    ("digits", "fsdd", "leave one speaker out, mean accuracy over speakers",
     "accuracy_int8_mean_over_groups", 0.85, 0.92),
    ("bearing", "cwru-bearing", "leave one fault size out, mean macro-F1 over sizes",
     "macro_f1_int8_mean_over_groups", 0.48, 0.75),
]

HEAD = """# Measured figures of the main job

`make bench` writes this page. int8, decided by the firmware on an emulated core; each configuration is
`examples/main_job/*/mote.toml`. Trained weights change a little with the type of CPU.

"""


def build(example):
    """The report of a fresh build, or None where it failed; why is then on standard error."""
    folder = WORK / example
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "examples/main_job" / example / "mote.toml", folder)
    also = ",".join(str(ROOT / core) if core.endswith(".toml") else core for core in CORES)
    done = subprocess.run([ROOT / "build/mote", "build", "--quiet", "--json", "--also", also, folder],
                          stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else None


def table(head, rows):
    lines = [head, ["---"] * len(head)] + rows
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines) + "\n"


def score_row(row, report):
    _, data, protocol, field, baseline, asked = row
    if report is None:
        return [data, protocol, baseline, asked, "not measured"] + [""] * 4
    reached = "yes" if report[field] >= asked else "**no**"
    return [data, protocol, baseline, asked, f"{report[field]:.4f}", reached,
            f"{report['decisions_changed_by_int8']} of {report['scores_int8']['count']}",
            " ".join(f"{group['held_out']} {group['accuracy_int8']:.3f}" for group in report["groups"]),
            f"{report['seconds']:.0f}"]


def compared(core):
    exact = "" if core["bit_exact"] else "; **" + core["difference"] + "**"
    return f"{core['windows_verified']} / {core['windows_differing']}{exact}"


def core_rows(reports):
    rows = [["the example's own"] + [compared(r) + " " + r["board"] if r else "" for r in reports]]
    for i in range(len(CORES)):
        name = next((r["also"][i]["board"] for r in reports if r), CORES[i])
        rows.append([name] + [compared(r["also"][i]) if r else "" for r in reports])
    return rows


def memory_row(row, report):
    if report is None:
        return [row[1]] + [""] * 8
    return [row[1], report["board"], report["ram_bytes"], report["model_bytes"], report["model_touched_bytes"],
            report["stack_bytes"], report["stack_bound_bytes"], report["flash_bytes"], round(report["instructions"])]


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    reports = []
    for row in ROWS:
        print(f"building {row[0]} ...", file=sys.stderr, flush=True)
        reports.append(build(row[0]))
    page = HEAD
    page += table(["data", "protocol", "baseline", "asked", "measured", "reached", "changed by int8",
                   "accuracy of each held-out group", "seconds"],
                  [score_row(row, report) for row, report in zip(ROWS, reports)])
    page += ("Held-out windows that firmware decided, of every fold / windows whose bytes differ from the\n"
             "host's; every layer and state is compared too.\n\n")
    page += table(["emulated board"] + [row[1] for row in ROWS], core_rows(reports))
    page += "The model that ships, in bytes; instructions of one decision.\n\n"
    page += table(["data", "board", "RAM", "model", "touched", "stack", "bound", "flash", "instructions"],
                  [memory_row(row, report) for row, report in zip(ROWS, reports)])
    page += (ROOT / "bench/how_chosen.md").read_text()
    (ROOT / "bench/RESULTS.md").write_text(page)
    print(page)
    return 1 if None in reports else 0


sys.exit(main())
