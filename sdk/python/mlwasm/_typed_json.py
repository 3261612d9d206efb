"""Requests and answers in JSON, for typed scorers.

Types and shapes come from the signature; a client names inputs and gives numbers::

    {"inputs": {"x": [[5.1, 3.5], [6.2, 2.9]]}}
    {"inputs": {"x": {"shape": [2, 2], "data": [5.1, 3.5, 6.2, 2.9]}}}
    {"data": [[5.1, 3.5], [6.2, 2.9]]}
    {"inputs": [{"name": "x", "datatype": "FP32", "shape": [2, 2], "data": [5.1, 3.5, 6.2, 2.9]}]}

The third form is for scorers of one input; the last one is that of the Open Inference Protocol, and is answered in kind.
Floats that JSON has no number for are the strings "NaN", "Infinity" and "-Infinity". All SDKs word mistakes alike.
"""

from __future__ import annotations

import json
import math
import struct
from typing import Any, Iterable, NamedTuple, Sequence

from ._elements import FLOATS, INTEGERS, ElementType, datatype, pack, unpack
from ._errors import BadRequest, TensorError
from ._model import TensorSpec
from ._request import Request
from ._response import Response
from ._tensor import Tensor
from ._typed import Inputs, TypedScorer, described, infer

#: Longest value in a message.
_SHOWN = 60
_RAGGED = "arrays of the same depth have different lengths"
_NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Asked(NamedTuple):
    """What a request in the Open Inference Protocol says besides its inputs."""

    id: str | None
    outputs: list[str]


class Misfit(Exception):
    """What is wrong with one input."""


def run(request: Request, scorer: TypedScorer) -> Response:
    """Answers a request in JSON by the scorer's `infer`. The client's mistakes are a `BadRequest`."""
    tensors, asked = read(request.json(), described(scorer.describe()).inputs)
    outputs = infer(scorer, Inputs(tensors))
    if asked is None:
        return Response.json({"outputs": {tensor.name: _output(tensor) for tensor in outputs}})
    return _protocol_answer(outputs, asked, request.deployment)


def read(body: Any, specs: Sequence[TensorSpec]) -> tuple[list[Tensor], Asked | None]:
    """One tensor for each of the scorer's inputs, in the scorer's order."""
    if not isinstance(body, dict):
        raise _refuse("the body is no JSON object", specs)
    inputs, data = body.get("inputs"), body.get("data")
    if isinstance(inputs, list):
        return _read_protocol(inputs, specs), _asked(body)
    stranger = next((key for key in body if key not in ("inputs", "data")), None)
    if stranger is not None:
        raise _refuse(f"unknown member `{stranger}`", specs)
    if "inputs" in body and "data" in body:
        raise _refuse("the body has both `inputs` and `data`", specs)
    if "data" in body:
        if len(specs) != 1:
            raise _refuse("`data` is for scorers of one input", specs)
        return [_read_input(specs[0], data, ("shape", "data", "datatype"))], None
    if not body:
        raise _refuse("the body has neither `inputs` nor `data`", specs)
    if not isinstance(inputs, dict):
        raise _refuse("`inputs` is no JSON object", specs)
    return _read_named(inputs, specs, ("shape", "data", "datatype")), None


def _read_protocol(inputs: list[Any], specs: Sequence[TensorSpec]) -> list[Tensor]:
    named: dict[str, Any] = {}
    for index, given in enumerate(inputs):
        name = given.get("name") if isinstance(given, dict) else None
        if not isinstance(name, str):
            raise _refuse(f"inputs[{index}] has no name", specs)
        if name in named:
            raise _refuse(f"input `{name}` is given twice", specs)
        named[name] = given
    return _read_named(named, specs, ("name", "shape", "datatype", "parameters", "data"))


def _read_named(inputs: dict[str, Any], specs: Sequence[TensorSpec], known: Sequence[str]) -> list[Tensor]:
    names = [spec.name for spec in specs]
    for name in inputs:
        if name not in names:
            raise _refuse(f"unknown input `{name}`", specs)
    for name in names:
        if name not in inputs:
            raise _refuse(f"input `{name}` is missing", specs)
    return [_read_input(spec, inputs[spec.name], known) for spec in specs]


def _asked(body: dict[str, Any]) -> Asked:
    outputs = body.get("outputs", [])
    names = [output.get("name") for output in outputs if isinstance(output, dict)] if isinstance(outputs, list) else [None]
    if len(names) != len(outputs) or not all(isinstance(name, str) for name in names):
        raise BadRequest("`outputs` is no array of named outputs")
    id = body.get("id")
    return Asked(id if isinstance(id, str) else None, names)


def _read_input(spec: TensorSpec, given: Any, known: Sequence[str]) -> Tensor:
    try:
        if isinstance(given, dict):
            return _read_described(spec, given, known)
        return _tensor(spec, None, given)
    except Misfit as misfit:
        raise BadRequest(f"input `{spec.name}`: {misfit}, expected {_wanted(spec)}") from None


def _read_described(spec: TensorSpec, given: dict[str, Any], known: Sequence[str]) -> Tensor:
    stranger = next((key for key in given if key not in known), None)
    if stranger is not None:
        raise Misfit(f"unknown member `{stranger}`")
    if given.get("datatype", datatype(spec.element)) != datatype(spec.element):
        raise Misfit(f"datatype is {_excerpt(given['datatype'])}")
    if "data" not in given:
        raise Misfit("`data` is missing")
    shape = given.get("shape")
    if "shape" in given and not _is_shape(shape):
        raise Misfit(f"shape is {_excerpt(shape)}")
    return _tensor(spec, shape, given["data"])


def _tensor(spec: TensorSpec, shape: list[int] | None, data: Any) -> Tensor:
    """The tensor of nested lists, which tell their shape, or of any nesting with a shape beside it."""
    own_shape, values = _flatten(data)
    wanted = own_shape if shape is None else shape
    if not spec.accepts(wanted):
        raise Misfit(f"shape is {wanted}")
    if shape is not None and math.prod(shape) != len(values):
        raise Misfit(f"shape {shape} does not hold the {len(values)} elements of `data`")
    for index, value in enumerate(values):
        if not _is_held(spec.element, value):
            raise Misfit(f"element {_place(index, wanted)} is {_excerpt(value)}")
    if spec.element in FLOATS:
        values = [_NOT_FINITE[value] if isinstance(value, str) else value for value in values]
    return Tensor(spec.name, values, shape=wanted, element=spec.element)


def _is_shape(shape: Any) -> bool:
    return isinstance(shape, list) and all(type(size) is int and size >= 0 for size in shape)


def _flatten(data: Any) -> tuple[list[int], list[Any]]:
    shape: list[int] = []
    values: list[Any] = [data]
    while values and isinstance(values[0], list):
        size = len(values[0])
        if not all(isinstance(inner, list) and len(inner) == size for inner in values):
            raise Misfit(_RAGGED)
        shape.append(size)
        values = [value for inner in values for value in inner]
    if any(isinstance(value, list) for value in values):
        raise Misfit(_RAGGED)
    return shape, values


def _is_held(element: ElementType, value: Any) -> bool:
    """Whether the element type holds the value without loss; of a float, whether it is no greater than the greatest."""
    if element is ElementType.BYTES:
        return isinstance(value, str)
    if element is ElementType.BOOLEAN:
        return isinstance(value, bool)
    if element in INTEGERS:
        least, most = INTEGERS[element]
        return type(value) is int and least <= value <= most
    if isinstance(value, str):
        return value in _NOT_FINITE
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return not math.isfinite(value) or math.isfinite(unpack(element, pack(element, [value]))[0])
    except (TensorError, OverflowError):
        return False


def _place(index: int, shape: Sequence[int]) -> str:
    places = []
    for size in reversed(shape):
        places.append(f"[{index % size}]")
        index //= size
    return "".join(reversed(places))


def _excerpt(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _wanted(spec: TensorSpec) -> str:
    sizes = ", ".join("?" if size is None else str(size) for size in spec.shape)
    return f"{datatype(spec.element)} [{sizes}]"


def _refuse(reason: str, specs: Sequence[TensorSpec]) -> BadRequest:
    """Every refusal tells what the scorer takes: the client may have nothing else to read."""
    inputs = ", ".join(f'"{spec.name}": {_wanted(spec)}' for spec in specs)
    return BadRequest(f'{reason}, expected {{"inputs": {{{inputs}}}}}')


def _protocol_answer(outputs: list[Tensor], asked: Asked, deployment: str) -> Response:
    by_name = {tensor.name: tensor for tensor in outputs}
    names: Iterable[str] = asked.outputs or by_name
    for name in names:
        if name not in by_name:
            raise BadRequest(f"no output `{name}`")
    answer: dict[str, Any] = {"model_name": deployment}
    if asked.id is not None:
        answer["id"] = asked.id
    answer["outputs"] = [{"name": name, **_output(by_name[name])} for name in names]
    return Response.json(answer)


def _output(tensor: Tensor) -> dict[str, Any]:
    values = tensor.values()
    if tensor.element in FLOATS:
        short = tensor.element is not ElementType.FLOAT64
        values = [_number(value, short) for value in values]
    return {"datatype": datatype(tensor.element), "shape": list(tensor.shape), "data": values}


def _number(value: float, is_short: bool) -> float | str:
    """A float as JSON has it; one of 32 bits with as few digits as tell it from its neighbours: 0.1, not 0.10000000149."""
    if not math.isfinite(value):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if not is_short or (value == int(value) and abs(value) < 2**24):
        return value
    for digits in (6, 7, 8):
        near = float(f"{value:.{digits}g}")
        if struct.unpack("<f", struct.pack("<f", near))[0] == value:
            return near
    return float(f"{value:.9g}")
