# SPDX-License-Identifier: Apache-2.0
# Asks TensorFlow Lite Micro for the answers of many small models and compares every byte with mote's.
# In: a folder with cases.txt (a line a case: stem, numbers of inputs and outputs, how to compare (Against in
# foreign.h), description) and, a case, STEM.tflite, STEM.inputs (the input tensors of one invocation after another) and
# STEM.outputs (mote's answers in the same way); where there is a STEM.layers (name and bytes of each layer's output,
# both behind their length), those of the last invocation are compared, too.
# Out: a line a mismatch on standard output; exit status 0 all equal, 1 mismatches, 2 the folder is not as above.
import pathlib
import sys

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro.python.tflite_micro import runtime

ARENA_BYTES = 1 << 21


# Of the largest number, for float32; what is not here is compared byte for byte.
LIMITS = {"micro_tolerance": 1e-5, "micro_tolerance_alone": 1e-5, "litert_tolerance": 1e-5}


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


def compare(invocation, index, ours, theirs, against):
    if ours.tobytes() == theirs.tobytes():
        return
    ours, theirs = ours.ravel(), theirs.ravel()
    if against == "litert_hybrid" and theirs[np.argmax(ours)] > np.max(theirs) - 0.1:
        return
    if against in LIMITS and ours.dtype == np.float32:
        limit = LIMITS[against] * np.max(np.abs(theirs)) + 1e-6
        differ = np.flatnonzero(~(np.abs(ours.astype(np.float64) - theirs) <= limit) & (ours != theirs))
        if not len(differ):
            return
    else:
        differ = np.flatnonzero(ours != theirs)
        if not len(differ):  # floats of equal value: zeros of different sign
            differ = np.flatnonzero(ours.view(np.uint32) != theirs.view(np.uint32))
    at = differ[0]
    raise Mismatch(f"invocation {invocation}, output {index}: {len(differ)} of {len(ours)} elements differ, "
                   f"the first at {at}: mote {ours[at]!r}, the oracle {theirs[at]!r}; largest difference "
                   f"{np.max(np.abs(ours.astype(np.float64) - theirs.astype(np.float64)))}")


class Micro:
    """TensorFlow Lite Micro; inputs are set before every invoke, because its arena reuses their bytes."""

    def __init__(self, model, inputs, outputs, config=runtime.InterpreterConfig.kAllocationRecording):
        self.interpreter = runtime.Interpreter.from_bytes(model, arena_size=ARENA_BYTES, intrepreter_config=config)
        self.inputs = [self.interpreter.get_input_details(i) for i in range(inputs)]
        self.outputs = [self.interpreter.get_output_details(i) for i in range(outputs)]

    def answer(self, arrays):
        for i, array in enumerate(arrays):
            self.interpreter.set_input(array, i)
        self.interpreter.invoke()
        return [self.interpreter.get_output(i) for i in range(len(self.outputs))]


class LiteRt:
    """The desktop runtime's reference kernels."""

    def __init__(self, model, inputs, outputs):
        self.interpreter = Interpreter(model_content=model,
                                       experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        self.interpreter.allocate_tensors()
        self.inputs = self.interpreter.get_input_details()
        self.outputs = self.interpreter.get_output_details()
        if (len(self.inputs), len(self.outputs)) != (inputs, outputs):
            raise Mismatch(f"{len(self.inputs)} inputs and {len(self.outputs)} outputs, not {inputs} and {outputs}")

    def answer(self, arrays):
        for details, array in zip(self.inputs, arrays):
            self.interpreter.set_tensor(details["index"], array)
        self.interpreter.invoke()
        return [self.interpreter.get_tensor(d["index"]) for d in self.outputs]


def ask(runtime_of, case, model, inputs, outputs):
    oracle = runtime_of(model, case.inputs, case.outputs)
    given, expected = list(split(inputs, oracle.inputs)), list(split(outputs, oracle.outputs))
    if len(expected) != len(given):
        raise Mismatch(f"inputs of {len(given)} invocations, outputs of {len(expected)}")
    for number, (arrays, ours) in enumerate(zip(given, expected)):
        answers = oracle.answer(arrays)
        if number == 0 and case.against == "micro_settled":
            continue
        for i, (mine, theirs) in enumerate(zip(ours, answers)):
            compare(number, i, mine, theirs, case.against)


def compare_layers(case, model, inputs, layers):
    """Every tensor of the last invocation, with an arena that keeps them all."""
    oracle = Micro(model, case.inputs, case.outputs, runtime.InterpreterConfig.kPreserveAllTensors)
    for arrays in split(inputs, oracle.inputs):
        oracle.answer(arrays)
    # Converters join the names of fused operators by ";"; mote keeps the last, with a number behind it where weights
    # have that name. Activations stand behind the weights in the file.
    places = {d["name"].split(";")[-1]: d["index"] for d in Interpreter(model_content=model).get_tensor_details()}
    count, compared, at = 0, 0, 0
    while at < len(layers):
        parts = []
        for _ in range(2):
            length = int.from_bytes(layers[at:at + 4], "little")
            parts.append(layers[at + 4:at + 4 + length])
            at += 4 + length
        name, ours = parts[0].decode(), parts[1]
        count += 1
        name = name if name in places else name.rstrip("0123456789")
        if name in places:
            theirs = oracle.interpreter.GetTensor(places[name], 0)
            theirs = np.asarray(theirs["tensor_data"] if isinstance(theirs, dict) else theirs)
            if ours != theirs.tobytes():
                differ = np.flatnonzero(np.frombuffer(ours, theirs.dtype) != theirs.ravel())
                raise Mismatch(f'layer "{name}": {len(differ)} of {theirs.size} elements differ')
            compared += 1
    if compared < max(2, 0.8 * count):
        raise Mismatch(f"only {compared} of {count} layers could be compared")


def open_with_litert(case, model, inputs, outputs):
    """The desktop runtime takes the model and agrees about the sizes; its arithmetic is not TFLM's."""
    oracle = LiteRt(model, case.inputs, case.outputs)
    oracle.answer(next(split(inputs, oracle.inputs)))
    next(split(outputs, oracle.outputs))


class Case:
    def __init__(self, line):
        self.stem, inputs, outputs, self.against, self.description = line.split(" ", 4)
        self.inputs, self.outputs = int(inputs), int(outputs)

    def questions(self):
        if self.against.startswith("litert"):
            return [("LiteRT", lambda *files: ask(LiteRt, self, *files))]
        questions = [("TFLM", lambda *files: ask(Micro, self, *files))]
        if self.against == "micro":
            questions.append(("LiteRT", lambda *files: open_with_litert(self, *files)))
        return questions


def check_case(folder, case):
    files = [(folder / f"{case.stem}.{kind}").read_bytes() for kind in ("tflite", "inputs", "outputs")]
    problems = []
    for name, question in case.questions():
        try:
            question(*files)
        except Mismatch as mismatch:
            problems.append(f"{name}: {mismatch}")
        except (RuntimeError, ValueError) as refusal:
            problems.append(f"{name} refuses the model: {str(refusal).strip()}")
    layers = folder / f"{case.stem}.layers"
    if layers.exists():
        try:
            compare_layers(case, files[0], files[1], layers.read_bytes())
        except Mismatch as mismatch:
            problems.append(f"TFLM: {mismatch}")
    return problems


def main():
    folder = pathlib.Path(sys.argv[1])
    cases = [Case(line) for line in (folder / "cases.txt").read_text().splitlines()]
    if not cases:
        print(f"{folder}: no cases")
        return 2
    failed = 0
    for case in cases:
        problems = check_case(folder, case)
        failed += bool(problems)
        for problem in problems:
            print(f"{case.stem} {case.description}\n    {problem}", flush=True)
    print(f"{len(cases)} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
