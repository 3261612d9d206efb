"""A host for tests: score.py runs in plain Python, without a server and without WebAssembly.

::

    import score
    from mlwasm.testing import FakeHost, FakeModel, call, post_json

    def test_the_label_is_the_answer():
        model = FakeModel(lambda inputs: {"label": [2]}, inputs=["input: float32 [?, 4]"], outputs=["label: int64 [?]"])
        with FakeHost({"model": model}):
            score.init()
            assert call(score, post_json({"data": [[1, 2, 3, 4]]})).body == b'{"label":2}'

It refuses wrong names, types, shapes and lengths as the real host does.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Callable, Mapping, NamedTuple, Sequence

from . import _host, _typed, _typed_json
from ._elements import FORMATS
from ._errors import CollectionError, InferenceError, TensorError
from ._model import Outputs, TensorSpec, tensor_of
from ._request import Request
from ._response import Response
from ._tensor import ElementType, Tensor

__all__ = ["FakeHost", "FakeModel", "Record", "call", "infer", "post", "post_json", "spec"]

Answer = Callable[[dict[str, Tensor]], "Mapping[str, Any] | Sequence[Tensor]"]


class FakeModel:
    """A model whose answer is a function: tensors by the inputs' names in, values or tensors by the outputs' names out."""

    def __init__(
        self,
        answer: Answer,
        *,
        inputs: Sequence[TensorSpec | str],
        outputs: Sequence[TensorSpec | str],
    ) -> None:
        """Specs may be written as in `spec("input: float32 [?, 4]")`."""
        self._answer = answer
        self._inputs = [spec(given) for given in inputs]
        self._outputs = [spec(given) for given in outputs]

    def inputs(self) -> list[TensorSpec]:
        return list(self._inputs)

    def outputs(self) -> list[TensorSpec]:
        return list(self._outputs)

    def infer(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        given = _in_order(self._inputs, tensors, "invalid-input")
        answer = self._answer({tensor.name: tensor for tensor in given})
        if isinstance(answer, Mapping):
            elements = {spec.name: spec.element for spec in self._outputs}
            answer = [
                values if isinstance(values, Tensor) else Tensor(name, values, element=elements.get(name))
                for name, values in answer.items()
            ]
        return _in_order(self._outputs, answer, "failed")


class Record(NamedTuple):
    """What a scorer left in a collection."""

    collection: str
    content_type: str
    data: bytes


class FakeHost:
    """The models, the environment, the collections and the files of a deployment, inside a `with` block."""

    def __init__(
        self,
        models: Mapping[str, FakeModel] | None = None,
        env: Mapping[str, str] | None = None,
        collections: Sequence[str] = (),
        files: Mapping[str, str | bytes] | None = None,
    ) -> None:
        self._models = dict(models or {})
        self._env = dict(env or {})
        self._collections = set(collections)
        self._files = dict(files or {})
        self.records: list[Record] = []
        """What was left in the collections that are kept."""

    def open_model(self, name: str) -> FakeModel:
        if name in self._models:
            return self._models[name]
        names = ", ".join(self._models) or "none"
        raise InferenceError("unknown-model", f'no model "{name}": the deployment has {names}')

    def is_collected(self, name: str) -> bool:
        return name in self._collections

    def collect(self, name: str, content_type: str, data: bytes) -> None:
        if not re.fullmatch(r"[A-Za-z]([A-Za-z0-9_-]{0,30}[A-Za-z0-9])?", name):
            raise CollectionError("invalid", f"{name!r} is no collection's name")
        if name in self._collections:
            self.records.append(Record(name, content_type, data))

    def __enter__(self) -> FakeHost:
        self._folder = tempfile.mkdtemp(prefix="mlwasm-files-")
        for name, content in self._files.items():
            file = Path(self._folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        self._env.setdefault("AZUREML_MODEL_DIR", self._folder)
        self._former_env = {name: os.environ.get(name) for name in self._env}
        os.environ.update(self._env)
        self._former_host = _host.set_host(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _host.set_host(self._former_host)
        for name, value in self._former_env.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(self._folder, ignore_errors=True)


def call(scorer: ModuleType | Any, request: Request) -> Response:
    """Calls `run` as the platform does: what it returns becomes a `Response`, what it raises is raised.

    A typed scorer without a `run` is asked in JSON.
    """
    if not hasattr(scorer, "run"):
        return _typed_json.run(request, scorer)
    return Response.of(scorer.run(request))


def infer(scorer: ModuleType | Any, inputs: Mapping[str, Any]) -> Outputs:
    """Calls a typed scorer's `infer` with tensors or values by the inputs' names, and holds both sides to its signature."""
    signature = _typed.described(scorer.describe())
    tensors = [tensor_of(name, values, signature.inputs, "input") for name, values in inputs.items()]
    checked = _typed.Inputs(_in_order(signature.inputs, tensors, "invalid-input"))
    return Outputs(_in_order(signature.outputs, _typed.infer(scorer, checked), "failed"))


def post_json(value: Any, **fields: Any) -> Request:
    """A request with this value as JSON. Further fields as in `Request`."""
    return post("application/json", json.dumps(value), **fields)


def post(content_type: str, body: str | bytes, **fields: Any) -> Request:
    """A request with this body, to the deployment `test`."""
    encoded = body.encode() if isinstance(body, str) else body
    return Request(**{"id": "test", "deployment": "test", "content_type": content_type, "body": encoded, **fields})


def spec(text: TensorSpec | str) -> TensorSpec:
    """What `input: float32 [?, 4]` says."""
    return TensorSpec.of(text)


def _in_order(specs: Sequence[TensorSpec], tensors: Sequence[Tensor], kind: str) -> list[Tensor]:
    """The tensors in the order of the specs, exactly one for each."""
    known = [wanted.name for wanted in specs]
    for tensor in tensors:
        if tensor.name not in known:
            raise InferenceError(kind, f'no tensor "{tensor.name}", expected {", ".join(known)}')
    return [_pick(wanted, tensors, kind) for wanted in specs]


def _pick(wanted: TensorSpec, tensors: Sequence[Tensor], kind: str) -> Tensor:
    found = [tensor for tensor in tensors if tensor.name == wanted.name]
    if len(found) != 1:
        raise InferenceError(kind, f'tensor "{wanted.name}" is {"given twice" if found else "missing"}')
    tensor = found[0]
    if tensor.element is not wanted.element:
        message = f'tensor "{wanted.name}" holds {tensor.element.value}, expected {wanted.element.value}'
        raise InferenceError(kind, message)
    fits = len(tensor.shape) == len(wanted.shape) and all(
        size is None or size == found_size for size, found_size in zip(wanted.shape, tensor.shape)
    )
    if not fits:
        sizes = ", ".join("?" if size is None else str(size) for size in wanted.shape)
        raise InferenceError(kind, f'tensor "{wanted.name}" has shape {list(tensor.shape)}, expected [{sizes}]')
    if not _is_filled(tensor):
        message = f'tensor "{wanted.name}" of shape {list(tensor.shape)} has {len(tensor.data)} bytes'
        raise InferenceError(kind, message)
    return tensor


def _is_filled(tensor: Tensor) -> bool:
    if tensor.element is not ElementType.BYTES:
        return len(tensor.data) == FORMATS[tensor.element][1] * tensor.element_count
    try:
        tensor.byte_strings()
    except TensorError:
        return False
    return True
