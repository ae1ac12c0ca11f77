# SPDX-License-Identifier: Apache-2.0
"""Writes the cases of tests/conformance/testdata/onnx: recurrent layers with the options that the ONNX project's own
tests lack, and models of scikit-learn trained on the public sets that it ships with, each with inputs and onnxruntime's
answers. In: the folder to write. Out: <case>/model.onnx and <case>/test_data_set_0/{input,output}_N.pb, the form of the
ONNX node tests. A label that is a name is stored as its number; a map as its values.

    pip install onnx==1.23.2 onnxruntime==1.32.0 scikit-learn==1.9.1 skl2onnx==1.20.0
    python onnxruntime_cases.py testdata/onnx
"""
import shutil
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Binarizer, MinMaxScaler, Normalizer, StandardScaler
from sklearn.svm import SVC, SVR, NuSVC, OneClassSVM
from sklearn.tree import DecisionTreeClassifier

ROWS = 12  # of the input of every model of scikit-learn


def plain(value, classes):
    """A tensor: names become their number, maps their values."""
    if isinstance(value, list):
        return np.array([list(row.values()) for row in value], np.float32)
    if value.dtype.kind in "OUS":
        return np.array([classes.index(name) for name in value], np.int64)
    return value


def save(folder, model, feeds, classes=()):
    data = folder / "test_data_set_0"
    data.mkdir(parents=True)
    onnx.save(model, folder / "model.onnx")
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    for i, (name, value) in enumerate(feeds.items()):
        (data / f"input_{i}.pb").write_bytes(numpy_helper.from_array(value, name).SerializeToString())
    for i, (output, value) in enumerate(zip(session.get_outputs(), session.run(None, feeds))):
        tensor = numpy_helper.from_array(plain(value, list(classes)), output.name)
        (data / f"output_{i}.pb").write_bytes(tensor.SerializeToString())


# ---- recurrent layers --------------------------------------------------------------------------

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FUNCTIONS = {"RNN": 1, "GRU": 2, "LSTM": 3}
WITH_ALPHA = {"HardSigmoid", "LeakyRelu", "Elu", "Affine", "ScaledTanh", "ThresholdedRelu"}
WITH_BETA = {"HardSigmoid", "Affine", "ScaledTanh"}


def info(name, shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def recurrent(rng, op, direction, optional, **attributes):
    """optional: the names of the optional inputs that the node has."""
    steps, batches, inputs, units = 4, 3, 2, 3
    directions = 2 if direction == "bidirectional" else 1
    stacked = GATES[op] * units

    def real(*shape):
        return rng.normal(size=shape).astype(np.float32)

    constants = {"W": real(directions, stacked, inputs), "R": real(directions, stacked, units)}
    all_optional = {
        "B": lambda: real(directions, 2 * stacked),
        "lengths": lambda: rng.integers(1, steps + 1, size=batches).astype(np.int32),
        "H0": lambda: real(directions, batches, units),
        "C0": lambda: real(directions, batches, units),
        "P": lambda: real(directions, 3 * units),
    }
    names = ["X", "W", "R"]
    for name, make in all_optional.items():
        names.append(name if name in optional else "")
        if name in optional:
            constants[name] = make()
    while names[-1] == "":
        names.pop()
    activations = attributes.get("activations", [])
    alphas = sum(name in WITH_ALPHA for name in activations)
    betas = sum(name in WITH_BETA for name in activations)
    if alphas:
        attributes["activation_alpha"] = [0.3 + 0.1 * i for i in range(alphas)]
    if betas:
        attributes["activation_beta"] = [0.4 + 0.1 * i for i in range(betas)]
    outputs = ["Y", "Y_h", "Y_c"][: 3 if op == "LSTM" else 2]
    node = helper.make_node(op, names, outputs, hidden_size=units, direction=direction, **attributes)
    shapes = {"Y": [steps, directions, batches, units]}
    graph = helper.make_graph(
        [node],
        "recurrent",
        [info("X", [steps, batches, inputs])],
        [info(o, shapes.get(o, [directions, batches, units])) for o in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model, {"X": real(steps, batches, inputs)}


def write_recurrent(root):
    rng = np.random.default_rng(5)
    every = ["B", "lengths", "H0", "C0", "P"]
    cases = {
        "rnn_reverse": ("RNN", "reverse", every[:3], {"clip": 0.7}),
        "rnn_bidirectional": ("RNN", "bidirectional", every[:3], {"activations": ["Relu", "HardSigmoid"]}),
        "gru_bidirectional": ("GRU", "bidirectional", every[:3], {}),
        "gru_reset_after": ("GRU", "reverse", every[:2], {"linear_before_reset": 1, "clip": 0.9}),
        "gru_activations": ("GRU", "forward", ["B", "H0"], {"activations": ["HardSigmoid", "Softsign"]}),
        "lstm_bidirectional": ("LSTM", "bidirectional", every, {}),
        "lstm_reverse": ("LSTM", "reverse", every, {"clip": 0.8}),
        "lstm_coupled": ("LSTM", "forward", ["B", "C0"], {"input_forget": 1}),
        "lstm_activations": ("LSTM", "forward", ["P"], {"activations": ["HardSigmoid", "Elu", "ScaledTanh"]}),
    }
    for name, (op, direction, optional, attributes) in cases.items():
        save(root / name, *recurrent(rng, op, direction, optional, **attributes))


# ---- scikit-learn ------------------------------------------------------------------------------


def export(model, rows, **options):
    """The file with a fixed number of rows, whose outputs' shapes onnxruntime finds."""
    options = {id(model): options} if hasattr(model, "classes_") else None
    file = to_onnx(model, rows, options=options, target_opset={"": 17, "ai.onnx.ml": 3})
    for info in file.graph.input:
        info.type.tensor_type.shape.dim[0].dim_value = ROWS
    return file


def write_sklearn(root):
    iris, wine, cancer, digits, diabetes = (
        load_iris(), load_wine(), load_breast_cancer(), load_digits(), load_diabetes()
    )
    scaled = make_pipeline(SimpleImputer(), MinMaxScaler(), Normalizer("l1"), LogisticRegression())
    binarized = make_pipeline(Normalizer("max"), Binarizer(threshold=0.01), LogisticRegression())
    selected = make_pipeline(StandardScaler(), SelectKBest(k=5), SVC(C=3))
    cases = {
        "random_forest_iris": (RandomForestClassifier(6, max_depth=4, random_state=0), iris),
        "random_forest_cancer": (RandomForestClassifier(6, max_depth=4, random_state=0), cancer),
        "random_forest_digits": (RandomForestClassifier(4, max_depth=5, random_state=0), digits),
        "decision_tree_wine": (DecisionTreeClassifier(random_state=0), wine),
        "gradient_boosting_iris": (GradientBoostingClassifier(n_estimators=5, max_depth=2, random_state=0), iris),
        "gradient_boosting_cancer": (GradientBoostingClassifier(n_estimators=5, max_depth=2, random_state=0), cancer),
        "gradient_boosting_diabetes": (GradientBoostingRegressor(n_estimators=5, random_state=0), diabetes),
        "extra_trees_diabetes": (ExtraTreesRegressor(4, max_depth=4, random_state=0), diabetes),
        "svm_rbf_wine": (make_pipeline(StandardScaler(), SVC()), wine),
        "svm_linear_iris": (SVC(kernel="linear"), iris),
        "svm_poly_iris": (SVC(kernel="poly", degree=2), iris),
        "svm_sigmoid_cancer": (make_pipeline(StandardScaler(), SVC(kernel="sigmoid")), cancer),
        "svm_probability_wine": (make_pipeline(StandardScaler(), SVC(probability=True, random_state=0)), wine),
        "svm_probability_iris": (NuSVC(probability=True, random_state=0), iris),
        "svm_selected_cancer": (selected, cancer),
        "svr_rbf_diabetes": (SVR(C=50, epsilon=60), diabetes),
        "one_class_svm_iris": (OneClassSVM(nu=0.1, gamma="auto"), iris),
        "logistic_wine": (make_pipeline(StandardScaler(), LogisticRegression()), wine),
        "logistic_cancer": (make_pipeline(StandardScaler(), LogisticRegression()), cancer),
        "pipeline_wine": (scaled, wine),
        "binarized_digits": (binarized, digits),
        "sgd_wine": (make_pipeline(StandardScaler(), SGDClassifier(loss="log_loss", random_state=0)), wine),
        "linear_diabetes": (LinearRegression(), diabetes),
        "naive_bayes_iris": (GaussianNB(), iris),
        "mlp_iris": (MLPClassifier((6,), max_iter=50, random_state=0), iris),
    }
    rng = np.random.default_rng(1)
    for name, (model, data) in cases.items():
        rows = data.data.astype(np.float32)
        model.fit(rows, data.target)
        sample = rows[rng.permutation(len(rows))[:ROWS]]
        options = {"zipmap": False} if hasattr(model, "classes_") else {}
        save(root / name, export(model, rows[:1], **options), {"X": sample})
    # Names of classes, and the map that exporters put behind probabilities.
    named = RandomForestClassifier(4, max_depth=3, random_state=1)
    rows = iris.data.astype(np.float32)
    named.fit(rows, iris.target_names[iris.target])
    sample = rows[rng.permutation(len(rows))[:ROWS]]
    save(root / "names_iris", export(named, rows[:1], zipmap=True), {"X": sample}, named.classes_)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    target = Path(sys.argv[1])
    shutil.rmtree(target, ignore_errors=True)
    write_recurrent(target)
    write_sklearn(target)
