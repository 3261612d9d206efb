"""Trains the language classifier and writes it, its vocabulary and its labels to `language/`, and `held-out.tsv` here.

The result is the same, byte for byte, on every run with the packages of requirements.txt.
"""

import collections
import pathlib
import re

import numpy as np
import onnx
import onnxruntime
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.linear_model import LogisticRegression

OPSETS = {"": 18, "ai.onnx.ml": 3}
HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE / "language"
# Of every four sentences one is kept for the test.
HELD_OUT_EACH = 4
# A piece that one sentence has and no other tells nothing.
LEAST_SENTENCES = 2


def pieces(text):
    """The tokens of a text: the pieces of one to three characters of each word, its ends marked by `_`.

    src/tokenizer.rs does the same: what is changed here is to be changed there.
    """
    for word in re.findall(r"[^\W\d_]+", text.lower()):
        marked = f"_{word}_"
        for length in (1, 2, 3):
            for start in range(len(marked) - length + 1):
                piece = marked[start : start + length]
                if piece != "_":
                    yield piece


def vocabulary_of(texts):
    """The pieces that at least two sentences have, in the order of the alphabet."""
    counts = collections.Counter(piece for text in texts for piece in set(pieces(text)))
    return sorted(piece for piece, count in counts.items() if count >= LEAST_SENTENCES)


def row(text, places):
    """How often each piece of the vocabulary is in the text, scaled to the length 1."""
    counts = np.zeros(len(places), dtype=np.float32)
    for piece in pieces(text):
        if piece in places:
            counts[places[piece]] += 1
    length = np.sqrt((counts * counts).sum())
    return counts / length if length > 0 else counts


def export(classifier, width, classes):
    """The classifier as an ONNX graph: `input` [N, width] to `label` [N] and `probabilities` [N, classes]."""
    graph = to_onnx(
        classifier,
        initial_types=[("input", FloatTensorType([None, width]))],
        target_opset=OPSETS,
        options={id(classifier): {"zipmap": False, "output_class_labels": False}},
        name="language",
    )
    dimensions = {"label": [None], "probabilities": [None, classes]}
    for output in graph.graph.output:
        shape = output.type.tensor_type.shape
        del shape.dim[:]
        for size in dimensions[output.name]:
            dimension = shape.dim.add()
            if size is not None:
                dimension.dim_value = size
    # The converter's order changes with Python's hash seed.
    ordered = sorted((opset.domain, opset.version) for opset in graph.opset_import)
    del graph.opset_import[:]
    graph.opset_import.extend(onnx.helper.make_opsetid(domain, version) for domain, version in ordered)
    onnx.checker.check_model(graph, full_check=True)
    return graph


def main():
    learn, held_out = [], []
    labels = sorted(path.stem for path in (HERE / "sentences").glob("*.txt"))
    for label, name in enumerate(labels):
        lines = (HERE / "sentences" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            (held_out if number % HELD_OUT_EACH == 0 else learn).append((label, line))
    vocabulary = vocabulary_of([text for _, text in learn])
    places = {piece: place for place, piece in enumerate(vocabulary)}
    matrix = lambda rows: np.stack([row(text, places) for _, text in rows])
    classifier = LogisticRegression(C=30.0, max_iter=2000)
    classifier.fit(matrix(learn), [label for label, _ in learn])
    graph = export(classifier, len(vocabulary), len(labels))

    MODEL.mkdir(exist_ok=True)
    (MODEL / "language.onnx").write_bytes(graph.SerializeToString())
    (MODEL / "vocabulary.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    (MODEL / "labels.txt").write_text("\n".join(labels) + "\n", encoding="utf-8")
    lines = [f"{labels[label]}\t{text}\n" for label, text in held_out]
    (HERE / "held-out.tsv").write_text("".join(lines), encoding="utf-8")

    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(["label"], {"input": matrix(held_out)})[0]
    right = sum(int(answer) == label for answer, (label, _) in zip(found, held_out, strict=True))
    size = (MODEL / "language.onnx").stat().st_size
    print(f"{len(vocabulary)} pieces, {size} bytes, {right} of {len(held_out)} held-out sentences right")
    for answer, (label, text) in zip(found, held_out, strict=True):
        if int(answer) != label:
            print(f"  {labels[label]} taken for {labels[int(answer)]}: {text}")


if __name__ == "__main__":
    main()
