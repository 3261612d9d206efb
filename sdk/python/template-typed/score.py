"""A typed scorer: rows of four measurements in, the class of each out."""

from mlwasm import BadRequest, Inputs, Model, Signature, Tensor

model: Model


def init() -> None:
    """Runs once, when the deployment is made or changed. An exception keeps it from serving."""
    global model
    model = Model.open("model")


def describe() -> Signature:
    """What clients are told. The platform holds requests to it, and answers too; `?` is any size."""
    return Signature(inputs=["rows: float32 [?, 4]"], outputs=["label: int64 [?]"])


def infer(inputs: Inputs) -> list[Tensor]:
    """Runs for every request: {"inputs": {"rows": [[5.1, 3.5, 1.4, 0.2]]}}, or the same over the Open Inference Protocol."""
    rows = inputs["rows"]
    if rows.shape[0] == 0:
        raise BadRequest("rows is empty, expected at least one row of 4 numbers")
    return [model.infer({"input": rows})["label"]]
