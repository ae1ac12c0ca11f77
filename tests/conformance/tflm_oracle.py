# SPDX-License-Identifier: Apache-2.0
# Asks TensorFlow Lite Micro for the answers of many small models and compares every byte with mote's.
# In: a folder with cases.txt (a line a case: stem, number of inputs, description) and, a case, STEM.tflite, STEM.inputs
# (the input tensors of one invocation after another) and STEM.outputs (mote's answers, one tensor an invocation).
# Out: a line a mismatch on standard output; exit status 0 all equal, 1 mismatches, 2 the folder is not as above.
import pathlib
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime

ARENA_BYTES = 1 << 21


class Mismatch(Exception):
    pass


def split(data, details):
    """The arrays that lie one after another in `data`, once for every invocation."""
    sizes = [int(np.prod(d["shape"])) * np.dtype(d["dtype"]).itemsize for d in details]
    if not data or len(data) % sum(sizes):
        raise Mismatch(f"{len(data)} bytes are not a number of invocations of {sizes} bytes")
    for start in range(0, len(data), sum(sizes)):
        arrays = []
        for size, d in zip(sizes, details):
            arrays.append(np.frombuffer(data, d["dtype"], size // np.dtype(d["dtype"]).itemsize, start)
                          .reshape(d["shape"]))
            start += size
        yield arrays


def compare(invocation, index, ours, theirs):
    if ours.tobytes() == theirs.tobytes():
        return
    ours, theirs = ours.ravel(), theirs.ravel()
    differ = np.flatnonzero(ours != theirs)
    if not len(differ):  # floats of equal value: zeros of different sign
        differ = np.flatnonzero(ours.view(np.uint32) != theirs.view(np.uint32))
    at = differ[0]
    raise Mismatch(f"invocation {invocation}, output {index}: {len(differ)} of {len(ours)} elements differ, "
                   f"the first at {at}: mote {ours[at]!r}, TFLM {theirs[at]!r}; largest difference "
                   f"{np.max(np.abs(ours.astype(np.float64) - theirs.astype(np.float64)))}")


def ask_micro(model, input_count, inputs, outputs):
    interpreter = runtime.Interpreter.from_bytes(model, arena_size=ARENA_BYTES)
    input_details = [interpreter.get_input_details(i) for i in range(input_count)]
    output_details = [interpreter.get_output_details(0)]
    expected = list(split(outputs, output_details))
    given = list(split(inputs, input_details))
    if len(expected) != len(given):
        raise Mismatch(f"inputs of {len(given)} invocations, outputs of {len(expected)}")
    for number, (arrays, ours) in enumerate(zip(given, expected)):
        for i, array in enumerate(arrays):  # before every invoke: the arena reuses the inputs' bytes
            interpreter.set_input(array, i)
        interpreter.invoke()
        for i, array in enumerate(ours):
            compare(number, i, array, interpreter.get_output(i))


def open_with_litert(model, input_count, inputs, outputs):
    """The desktop runtime takes the model and agrees about the sizes; its arithmetic is not TFLM's."""
    interpreter = Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    details = interpreter.get_input_details()
    if len(details) != input_count:
        raise Mismatch(f"{len(details)} inputs, not {input_count}")
    arrays = next(split(inputs, details))
    for d, array in zip(details, arrays):
        interpreter.set_tensor(d["index"], array)
    interpreter.invoke()
    next(split(outputs, interpreter.get_output_details()))


def check_case(folder, stem, input_count):
    model = (folder / f"{stem}.tflite").read_bytes()
    inputs = (folder / f"{stem}.inputs").read_bytes()
    outputs = (folder / f"{stem}.outputs").read_bytes()
    problems = []
    for name, ask in (("TFLM", ask_micro), ("LiteRT", open_with_litert)):
        try:
            ask(model, input_count, inputs, outputs)
        except Mismatch as mismatch:
            problems.append(f"{name}: {mismatch}")
        except (RuntimeError, ValueError) as refusal:
            problems.append(f"{name} refuses the model: {str(refusal).strip()}")
    return problems


def main():
    folder = pathlib.Path(sys.argv[1])
    cases = (folder / "cases.txt").read_text().splitlines()
    if not cases:
        print(f"{folder}: no cases")
        return 2
    failed = 0
    for case in cases:
        stem, input_count, description = case.split(" ", 2)
        problems = check_case(folder, stem, int(input_count))
        failed += bool(problems)
        for problem in problems:
            print(f"{description}\n    {problem}", flush=True)
    print(f"{len(cases)} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
