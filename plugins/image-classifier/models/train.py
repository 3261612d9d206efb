"""Trains the digit classifier and writes it and its labels to `digits/`, and held-out digits as PNG and JPEG to `images/`.

The data are the 1,797 handwritten digits, 8 by 8 grey pixels each, that ship inside scikit-learn. The model and the PNG files are
the same, byte for byte, on every run with the packages of requirements.txt.
"""

import pathlib

import numpy as np
import onnx
import onnxruntime
from PIL import Image
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

SEED = 20240601
OPSETS = {"": 18, "ai.onnx.ml": 3}
HERE = pathlib.Path(__file__).resolve().parent
MODEL = HERE / "digits"
IMAGES = HERE / "images"
# Sides of the images that are written: the scorer must scale them down by itself.
SIDES = {"png": 64, "jpg": 50}
# Held-out digits of each class that become files of either kind.
FILES_OF_A_CLASS = 3


def export(classifier):
    """The classifier as an ONNX graph: `input` [N, 64], 0 to 1, to `label` [N] and `probabilities` [N, 10]."""
    graph = to_onnx(
        classifier,
        initial_types=[("input", FloatTensorType([None, 64]))],
        target_opset=OPSETS,
        options={id(classifier): {"zipmap": False, "output_class_labels": False}},
        name="digits",
    )
    dimensions = {"label": [None], "probabilities": [None, 10]}
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


def write(digit, side, path):
    """The digit as a file: black on white, as paper is, in colour for JPEG."""
    grey = Image.fromarray(255 - (digit.reshape(8, 8) * 255 / 16).round().astype(np.uint8))
    # Enlarged without smoothing: averaging the squares gives the digit back.
    large = grey.resize((side, side), Image.Resampling.NEAREST)
    if path.suffix == ".jpg":
        large.convert("RGB").save(path, quality=85)
    else:
        large.save(path)


def main():
    digits = load_digits()
    learn, held_out = train_test_split(
        np.arange(len(digits.target)), test_size=0.25, stratify=digits.target, random_state=SEED
    )
    classifier = MLPClassifier(hidden_layer_sizes=(48,), alpha=0.1, max_iter=600, random_state=SEED)
    classifier.fit(digits.data[learn] / 16, digits.target[learn])
    graph = export(classifier)

    MODEL.mkdir(exist_ok=True)
    (MODEL / "digits.onnx").write_bytes(graph.SerializeToString())
    (MODEL / "labels.txt").write_text("".join(f"{digit}\n" for digit in range(10)))
    IMAGES.mkdir(exist_ok=True)
    for digit in range(10):
        of_class = [place for place in held_out if digits.target[place] == digit]
        for kind, (suffix, side) in enumerate(SIDES.items()):
            for number in range(FILES_OF_A_CLASS):
                place = of_class[kind * FILES_OF_A_CLASS + number]
                write(digits.data[place], side, IMAGES / f"{digit}-{place}.{suffix}")

    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    rows = (digits.data[held_out] / 16).astype(np.float32)
    right = int((session.run(["label"], {"input": rows})[0] == digits.target[held_out]).sum())
    size = (MODEL / "digits.onnx").stat().st_size
    print(f"{size} bytes, {right} of {len(held_out)} held-out digits right")


if __name__ == "__main__":
    main()
