"""What the platform calls: the author's functions, wrapped. Only the build imports this file.

componentize-py runs it once at the build and keeps what is in memory then: so the author's file is imported here, and
`init` and `run` find it ready. So are the usual encodings, which Python would import when they are first used.
Everything raised is caught: an uncaught exception would end the sandbox.
"""

from __future__ import annotations

import encodings.ascii
import encodings.cp1252
import encodings.latin_1
import encodings.utf_16
import encodings.utf_8_sig
import gc
import os.path
import sys
from typing import Any, Sequence

# The build sees the author's folder as it is: no __pycache__ in it.
sys.dont_write_bytecode = True

import wit_world.exports as exports
from componentize_py_types import Err
from wit_world.exports import scorer as contract
from wit_world.imports import inference

try:
    from wit_world.exports import tensor_scorer
except ImportError:  # the world of raw scorers
    tensor_scorer = None

try:
    from wit_world.imports import collection
except ImportError:  # a contract from before collections
    collection = None

from mlwasm import BadRequest, CollectionError, ElementType, InferenceError, Request, Response, Tensor, TensorSpec
from mlwasm import _faults, _host, _typed, _typed_json

try:
    from mlwasm_source import scorer as author  # which build.py writes, for a file of any name
except ModuleNotFoundError as missing:
    if missing.name != "mlwasm_source":
        raise
    import score as author
FOLDER = os.path.dirname(author.__file__ or "")
WANTED = ["run(request)"] if tensor_scorer is None else ["describe()", "infer(inputs)"]
for wanted in WANTED:
    if not callable(getattr(author, wanted.split("(")[0], None)):
        source = os.path.basename(author.__file__ or "")
        raise AttributeError(f"{source} has no function {wanted}, as scorers of the world that scorer.toml names have it")

_faults.remember_sources(FOLDER)

TO_CONTRACT = {element: inference.ElementType[element.name] for element in ElementType}
FROM_CONTRACT = {theirs: ours for ours, theirs in TO_CONTRACT.items()}
KINDS = {
    inference.InferenceError_UnknownModel: "unknown-model",
    inference.InferenceError_InvalidInput: "invalid-input",
    inference.InferenceError_Failed: "failed",
}


class Scorer(exports.Scorer):
    """The contract's interface `scorer`."""

    def init(self) -> None:
        _host.set_host(WasmHost())
        try:
            if hasattr(author, "init"):
                author.init()
        except BaseException as error:
            raise Err(_report(error)) from None

    def run(self, request: contract.Request) -> contract.Response:
        try:
            response = _answer(_asked(request))
        except BadRequest as error:
            raise Err(contract.ScoreError_BadRequest(str(error))) from None
        except BaseException as error:
            raise Err(contract.ScoreError_Internal(_report(error))) from None
        headers = [contract.Header(name, value) for name, value in response.headers]
        return contract.Response(response.status, response.content_type, headers, response.body)


if tensor_scorer is not None:

    class TensorScorer(exports.TensorScorer):
        """The contract's interface `tensor-scorer`."""

        def describe(self) -> tensor_scorer.Signature:
            # The contract has no error here: what is raised ends the sandbox, after its traceback is in the log.
            try:
                signature = _typed.described(author.describe())
            except BaseException as error:
                _report(error)
                raise
            return tensor_scorer.Signature(
                [_spec_to_host(spec) for spec in signature.inputs], [_spec_to_host(spec) for spec in signature.outputs]
            )

        def infer(self, inputs: list[inference.Tensor]) -> list[inference.Tensor]:
            try:
                given = _typed.Inputs([_tensor_from_host(tensor) for tensor in inputs])
                return [_tensor_to_host(tensor) for tensor in _typed.infer(author, given)]
            except BadRequest as error:
                raise Err(contract.ScoreError_BadRequest(str(error))) from None
            except BaseException as error:
                raise Err(contract.ScoreError_Internal(_report(error))) from None


class WasmHost:
    """The real host."""

    def open_model(self, name: str) -> WasmModel:
        try:
            return WasmModel(inference.Model.open(name))
        except Err as error:
            raise _inference_error(error) from None

    def is_collected(self, name: str) -> bool:
        return collection is not None and collection.enabled(name)

    def collect(self, name: str, content_type: str, data: bytes) -> None:
        if collection is None:
            return
        try:
            collection.collect(name, content_type, data)
        except Err as error:
            kind = "too-many" if type(error.value).__name__.endswith("_TooMany") else "invalid"
            raise CollectionError(kind, error.value.value) from None


class WasmModel:
    """A model of the real host."""

    def __init__(self, model: inference.Model) -> None:
        self._model = model

    def inputs(self) -> list[TensorSpec]:
        return [_spec(spec) for spec in self._model.inputs()]

    def outputs(self) -> list[TensorSpec]:
        return [_spec(spec) for spec in self._model.outputs()]

    def infer(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        given = [_tensor_to_host(tensor) for tensor in tensors]
        try:
            outputs = self._model.infer(given)
        except Err as error:
            raise _inference_error(error) from None
        return [_tensor_from_host(output) for output in outputs]


def _answer(request: Request) -> Response:
    """A typed scorer may have a `run` of its own; otherwise JSON is answered by its `infer`."""
    if hasattr(author, "run"):
        return Response.of(author.run(request))
    return _typed_json.run(request, author)


def _asked(request: contract.Request) -> Request:
    return Request(
        id=request.id,
        deployment=request.deployment,
        is_mirror=request.is_mirror,
        query=request.query,
        headers=[(header.name, header.value) for header in request.headers],
        content_type=request.content_type,
        body=request.body,
    )


def _spec(spec: inference.TensorSpec) -> TensorSpec:
    return TensorSpec(spec.name, FROM_CONTRACT[spec.element], tuple(spec.shape))


def _spec_to_host(spec: TensorSpec) -> inference.TensorSpec:
    return inference.TensorSpec(spec.name, TO_CONTRACT[spec.element], list(spec.shape))


def _tensor_to_host(tensor: Tensor) -> inference.Tensor:
    return inference.Tensor(tensor.name, TO_CONTRACT[tensor.element], list(tensor.shape), tensor.data)


def _tensor_from_host(tensor: inference.Tensor) -> Tensor:
    return Tensor.from_bytes(tensor.name, FROM_CONTRACT[tensor.element], tensor.shape, tensor.data)


def _inference_error(error: Err[Any]) -> InferenceError:
    return InferenceError(KINDS[type(error.value)], error.value.value)


def _report(error: BaseException) -> str:
    """Prints the traceback into the deployment's log, and tells the short form."""
    print(_faults.describe(error, FOLDER), file=sys.stderr, flush=True)
    return _faults.summarize(error, FOLDER)


# What was imported stays for good: the collector need not walk it again at every full round.
gc.collect()
gc.freeze()
