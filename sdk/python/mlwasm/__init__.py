"""Scorers for mlwasm in Python: what a scorer imports.

A scorer is a file with two functions::

    from mlwasm import Model, Request

    def init() -> None:
        global model
        model = Model.open("model")

    def run(request: Request) -> dict:
        outputs = model.infer({"input": request.json()["data"]})
        return {"labels": outputs["label"].tolist()}

What `run` returns is the answer: a `Response` as it is, `str` as text, `bytes` as bytes, everything else as JSON.
A typed scorer has `describe` and `infer` in place of `run`: tensors in, tensors out.
Raising `BadRequest` is the client's mistake (400); any other exception is the scorer's (424, with its traceback in the log).
"""

from . import files
from ._collection import Collection
from ._env import env
from ._errors import BadRequest, CollectionError, InferenceError, TensorError
from ._model import Model, Outputs, Tensors, TensorSpec
from ._request import Request, rawdata
from ._response import Response
from ._tensor import ElementType, Tensor
from ._typed import Inputs, Signature

__all__ = [
    "BadRequest",
    "Collection",
    "CollectionError",
    "ElementType",
    "InferenceError",
    "Inputs",
    "Model",
    "Outputs",
    "Request",
    "Response",
    "Signature",
    "Tensor",
    "TensorError",
    "TensorSpec",
    "Tensors",
    "env",
    "files",
    "rawdata",
]

__version__ = "0.1.0"
