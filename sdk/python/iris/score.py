"""The iris scorer: measurements of flowers in, species and probabilities out.

    {"data": [[5.1, 3.5, 1.4, 0.2]]}
    {"predictions": [{"class": "setosa", "probabilities": {"setosa": 0.976, "versicolor": 0.024, "virginica": 0}}]}
"""

import json
import math
import struct

from mlwasm import BadRequest, Model, Request, env

CLASSES = ("setosa", "versicolor", "virginica")
WANTED = "4 numbers (sepal length, sepal width, petal length, petal width)"

model: Model


def init() -> None:
    global model
    model = Model.open("model")


def run(request: Request) -> dict[str, object]:
    flowers = read(request.json())
    outputs = model.infer({"input": flowers})
    rows = zip(outputs["label"].tolist(), outputs["probabilities"].tolist())
    answer: dict[str, object] = {"predictions": [predict(label, probabilities) for label, probabilities in rows]}
    model_label = env("MODEL_LABEL")
    if model_label is not None:
        answer["model"] = model_label
    return answer


def read(body: object) -> list[list[float]]:
    """One row of measurements for each flower, at least one."""
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise BadRequest('expected {"data": [[…]]}')
    if not rows:
        raise BadRequest(f"data is empty, expected at least one row of {WANTED}")
    for row, flower in enumerate(rows):
        check_row(row, flower)
    return rows


def check_row(row: int, flower: object) -> None:
    if not isinstance(flower, list):
        raise BadRequest(f"data[{row}] is {shown(flower)}, expected {WANTED}")
    if len(flower) != 4:
        raise BadRequest(f"data[{row}] has {len(flower)} elements, expected {WANTED}")
    for column, number in enumerate(flower):
        if not is_float32(number):
            raise BadRequest(f"data[{row}][{column}] is {shown(number)}, expected a number")


def is_float32(number: object) -> bool:
    """Whether it is a number for the model, which takes float32: what overflows there is none."""
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        return False
    try:
        struct.pack("<f", number)
    except OverflowError:
        return False
    return math.isfinite(number)


def shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def predict(label: int, probabilities: list[float]) -> dict[str, object]:
    if not 0 <= label < len(CLASSES):
        raise ValueError(f"the model gave label {label}, expected 0 to 2")
    rounded = {name: round(probability, 6) for name, probability in zip(CLASSES, probabilities)}
    return {"class": CLASSES[label], "probabilities": rounded}
