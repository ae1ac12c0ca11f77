#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Nested cross-validation of the examples' configurations: `python3 bench/choose.py cow|digits|bearing ...`.

The score of the best of many configurations is too high for new data when the data that chose it also
scores it. Here each group (cow, speaker, fault size) is left out altogether; the candidates below compete by
leave-one-group-out among the others; and the winner is scored on the group that was left out.
In: examples/main_job/NAME/mote.toml and the variations of it below. Out: each candidate's inner scores, each
group's winner, and the score of this way of choosing. No firmware: int8 on the host, which equals it.
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build/choose"

# Of each example: the score, and its candidates: "key = value" replaces every line of that key. The first is what the
# example ships.
EXAMPLES = {
    "cow": ("macro_f1_int8", {
        "as shipped": [],
        "transform of 16 samples": ["fft_length = 16"],
        "twice the epochs": ["epochs = 24"],
        "no augmentation": ["copies = 0"],
    }),
    "bearing": ("macro_f1_int8_mean_over_groups", {
        "as shipped": [],
        "32 bands": ["spectrum_bands = 32"],
        "spectrum to 300 Hz": ["spectrum_high = 300"],
        "less regularised": ["weight_decay = 0.01", "noise = 0.1", "mixup = 0"],
    }),
    "digits": ("accuracy_int8_mean_over_groups", {
        "as shipped": [],
    }),
}


def configuration(example, changes, without):
    text = (ROOT / "examples/main_job" / example / "mote.toml").read_text()
    for change in changes:
        key = change.split(" = ")[0]
        text, n = re.subn(rf"(?m)^{key} = .*$", change, text)
        if n == 0:
            sys.exit(f"choose: {example} has no line '{key} = ...'")
    if without:
        text = text.replace("[data]\n", f'[data]\nwithout = ["{without}"]\n', 1)
    return text


def report(example, candidate, changes, without):
    folder = WORK / example / re.sub(r"\W+", "_", candidate) / (without or "all")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mote.toml").write_text(configuration(example, changes, without))
    done = subprocess.run([ROOT / "build/mote", "build", "--quiet", "--json", "--no-firmware", folder],
                          stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.returncode)
    return json.loads(done.stdout)


def macro_f1(confusions):
    """Of the sum of confusion matrices, over the classes that occur."""
    n = range(len(confusions[0]))
    total = [[sum(c[i][j] for c in confusions) for j in n] for i in n]
    scores = []
    for k in n:
        true, decided = sum(total[k]), sum(total[i][k] for i in n)
        if true:
            scores.append(2 * total[k][k] / (true + decided))
    return sum(scores) / len(scores)


def overall(field, groups):
    if field == "macro_f1_int8":
        return macro_f1([g["confusion"] for g in groups])
    single = field.replace("_mean_over_groups", "")
    return sum(g[single] for g in groups) / len(groups)


def choose(example):
    field, candidates = EXAMPLES[example]
    outer = {name: report(example, name, changes, None) for name, changes in candidates.items()}
    groups = {name: {g["held_out"]: g for g in r["groups"]} for name, r in outer.items()}
    names = list(next(iter(groups.values())))
    print(f"{example}, {field}\n  {'left out':12} " + "  ".join(candidates) + "   winner", flush=True)
    winners = []
    for left_out in names:
        inner = {name: report(example, name, changes, left_out)[field] for name, changes in candidates.items()}
        winner = max(inner, key=inner.get)
        winners.append(groups[winner][left_out])
        print(f"  {left_out:12} " + "  ".join(f"{inner[name]:.4f}" for name in candidates) + f"   {winner}", flush=True)
    for name, r in outer.items():
        print(f"  all groups held out once, {name}: {r[field]:.4f}")
    print(f"  each group by the winner of the others: {overall(field, winners):.4f}\n", flush=True)


for chosen in sys.argv[1:] or list(EXAMPLES):
    choose(chosen)
