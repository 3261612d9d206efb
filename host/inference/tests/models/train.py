"""Trains the scikit-learn pipelines of this folder: what users have, with text columns and a ZipMap behind the classifier.

    python3 -m venv /tmp/skl && /tmp/skl/bin/pip install onnx==1.23.2 skl2onnx==1.20.0 scikit-learn==1.9.1
    /tmp/skl/bin/python train.py
"""

import pathlib

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

HERE = pathlib.Path(__file__).parent
OPSETS = {"": 18, "ai.onnx.ml": 3}

# Deck and fare of a few travellers, and what became of them.
TRAVELLERS = [
    ("upper", 80.0, "saved"), ("upper", 60.0, "saved"), ("upper", 52.0, "saved"), ("upper", 71.0, "saved"),
    ("lower", 7.0, "lost"), ("lower", 8.0, "lost"), ("lower", 12.0, "lost"), ("lower", 9.5, "lost"),
    ("middle", 20.0, "unknown"), ("middle", 26.0, "unknown"), ("middle", 31.0, "unknown"), ("middle", 23.0, "unknown"),
]


def main():
    columns = np.array([[deck, fare] for deck, fare, _ in TRAVELLERS], dtype=object)
    fates = np.array([fate for _, _, fate in TRAVELLERS])
    pipeline = make_pipeline(
        ColumnTransformer([("deck", OneHotEncoder(), [0]), ("fare", StandardScaler(), [1])]),
        LogisticRegression(max_iter=1000, random_state=1),
    )
    pipeline.fit(columns, fates)
    inputs = [("deck", StringTensorType([None, 1])), ("fare", FloatTensorType([None, 1]))]
    for name, options in {"travellers": {}, "travellers-tensors": {"zipmap": False}}.items():
        model = to_onnx(
            pipeline,
            initial_types=inputs,
            options={id(pipeline): options} if options else None,
            target_opset=OPSETS,
        )
        model.graph.name = name
        (HERE / f"{name}.onnx").write_bytes(model.SerializeToString())


main()
