"""A scorer: rows of four measurements in, the class of each out."""

from mlwasm import BadRequest, Model, Request, env

model: Model
what: str


def init() -> None:
    """Runs once, when the deployment is made or changed. An exception keeps it from serving."""
    global model, what
    model = Model.open("model")
    what = env("GREETING", "row")


def run(request: Request) -> dict[str, object]:
    """Runs for every request: {"data": [[5.1, 3.5, 1.4, 0.2]]} → {"labels": [0], "what": "flower"}."""
    rows = read(request.json())
    outputs = model.infer({"input": rows})
    return {"labels": outputs["label"].tolist(), "what": what}


def read(body: object) -> list[list[float]]:
    rows = body.get("data") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise BadRequest('expected {"data": [[…]]}')
    if not rows:
        raise BadRequest("data is empty, expected at least one row of 4 numbers")
    for index, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != 4 or not all(isinstance(value, (int, float)) for value in row):
            raise BadRequest(f"data[{index}] is no row of 4 numbers")
    return rows
