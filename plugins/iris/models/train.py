"""Trains the two iris models and writes them, and a few flowers to try them with, beside this file.

The result is the same, byte for byte, on every run with the packages of requirements.txt: all seeds are fixed, the
names inside the graphs do not depend on time, and the graphs carry no date.
"""

import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SEED = 20240601
# The newest operator sets that every ONNX Runtime since 1.14 accepts, so that the files also run on older hosts.
OPSETS = {"": 18, "ai.onnx.ml": 3}
HERE = pathlib.Path(__file__).resolve().parent


def classifiers():
    """The two versions: a linear one, and a small neural network that bends its borders."""
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, random_state=SEED))
    network = make_pipeline(
        StandardScaler(),
        MLPClassifier(hidden_layer_sizes=(16,), solver="lbfgs", alpha=0.01, max_iter=2000, random_state=SEED),
    )
    return {"iris-1": linear, "iris-2": network}


def export(name, classifier):
    """The classifier as an ONNX graph: `input` [N, 4] to `label` [N] and `probabilities` [N, 3]."""
    graph = to_onnx(
        classifier,
        initial_types=[("input", FloatTensorType([None, 4]))],
        target_opset=OPSETS,
        options={id(classifier): {"zipmap": False, "output_class_labels": False}},
        name=name,
    )
    fix_output_shapes(graph)
    sort_opsets(graph)
    onnx.checker.check_model(graph, full_check=True)
    return graph


def fix_output_shapes(model):
    """States the number of classes, which the converter leaves open."""
    shapes = {"label": [None], "probabilities": [None, 3]}
    for output in model.graph.output:
        dimensions = output.type.tensor_type.shape.dim
        wanted = shapes[output.name]
        while len(dimensions) < len(wanted):
            dimensions.add()
        for dimension, size in zip(dimensions, wanted, strict=True):
            dimension.Clear()
            if size is not None:
                dimension.dim_value = size


def sort_opsets(model):
    """Puts the operator sets in order of their names: the converter's order changes with Python's hash seed."""
    ordered = sorted(model.opset_import, key=lambda opset: opset.domain)
    pairs = [(opset.domain, opset.version) for opset in ordered]
    del model.opset_import[:]
    model.opset_import.extend(onnx.helper.make_opsetid(domain, version) for domain, version in pairs)


def run(graph, rows):
    """The labels and probabilities that ONNX Runtime gives for the rows."""
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(["label", "probabilities"], {"input": np.asarray(rows, dtype=np.float32)})


def describe(graph):
    """One line on what the graph takes, gives and is made of."""
    def tensor(value):
        kind = onnx.TensorProto.DataType.Name(value.type.tensor_type.elem_type).lower()
        sizes = [d.dim_value or "N" for d in value.type.tensor_type.shape.dim]
        return f"{value.name} {kind} {sizes}"

    operators = [f"{node.domain or 'ai.onnx'}.{node.op_type}" for node in graph.graph.node]
    opsets = {o.domain or "ai.onnx": o.version for o in graph.opset_import}
    return (
        f"{', '.join(map(tensor, graph.graph.input))} -> {', '.join(map(tensor, graph.graph.output))}; "
        f"opsets {opsets}, IR {graph.ir_version}; {' '.join(operators)}"
    )


def flowers(iris, held_out, graphs):
    """Two held-out flowers of each class that both models get right, as request bodies with the expected class."""
    chosen = []
    answers = [run(graph, iris.data[held_out])[0] for graph in graphs]
    for target, name in enumerate(iris.target_names):
        right = [
            row
            for position, row in enumerate(held_out)
            if iris.target[row] == target and all(answer[position] == target for answer in answers)
        ]
        for row in right[:2]:
            chosen.append({"class": str(name), "body": {"data": [iris.data[row].tolist()]}})
    return chosen


def main():
    iris = load_iris()
    learn, held_out = train_test_split(
        np.arange(len(iris.target)), test_size=0.3, stratify=iris.target, random_state=SEED
    )
    graphs = []
    for name, classifier in classifiers().items():
        folds = cross_val_score(classifier, iris.data, iris.target, cv=StratifiedKFold(5, shuffle=True, random_state=SEED))
        classifier.fit(iris.data[learn], iris.target[learn])
        graph = export(name, classifier)
        graphs.append(graph)
        data = graph.SerializeToString(deterministic=True)
        (HERE / f"{name}.onnx").write_bytes(data)

        labels, probabilities = run(graph, iris.data)
        difference = np.abs(probabilities - classifier.predict_proba(iris.data)).max()
        accuracy = (labels == iris.target)[held_out].mean()
        print(f"{name}: {len(data)} bytes")
        print(f"  accuracy {accuracy:.1%} on {len(held_out)} held-out flowers, {folds.mean():.1%} in 5-fold cross-validation")
        print(f"  {describe(graph)}")
        print(f"  largest difference from scikit-learn {difference:.1e}")

    text = json.dumps(flowers(iris, held_out, graphs), indent=1)
    (HERE / "flowers.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
