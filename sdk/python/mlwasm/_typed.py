"""Typed scorers: what they take and give, and how they are asked.

The host compares tensors with the signature before `infer` sees them, and the answer afterwards. Requests in JSON come
through `run`; `_typed_json` answers them where the author has no `run` of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Protocol, Sequence

from ._errors import TensorError
from ._model import Tensors, TensorSpec, tensor_of
from ._tensor import Tensor


class Inputs(Tensors):
    """What `infer` is asked: one tensor for each input of the signature, in the signature's order, checked."""

    _side = "input"


@dataclass(frozen=True)
class Signature:
    """What a typed scorer takes and gives. Names are distinct on each side, and at least one tensor is given.

    Specs may be written as text: `Signature(inputs=["rows: float32 [?, 4]"], outputs=["label: int64 [?]"])`.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    def __init__(self, inputs: Sequence[TensorSpec | str], outputs: Sequence[TensorSpec | str]) -> None:
        object.__setattr__(self, "inputs", tuple(map(TensorSpec.of, inputs)))
        object.__setattr__(self, "outputs", tuple(map(TensorSpec.of, outputs)))


class TypedScorer(Protocol):
    """The author's module."""

    def describe(self) -> Signature: ...

    def infer(self, inputs: Inputs) -> Any: ...


def described(returned: Any) -> Signature:
    """What `describe` returned, if it is a signature."""
    if isinstance(returned, Signature):
        return returned
    raise TypeError(f"describe returned {type(returned).__name__}, expected a Signature")


def infer(scorer: TypedScorer, inputs: Inputs) -> list[Tensor]:
    """What the scorer makes of the inputs. Values by the outputs' names become tensors as the signature says.

    The host compares them with the signature; here is refused what can not be made a tensor at all.
    """
    returned = scorer.infer(inputs)
    if isinstance(returned, Mapping):
        outputs = described(scorer.describe()).outputs
        return [tensor_of(name, values, outputs, "output") for name, values in returned.items()]
    tensors = [returned] if isinstance(returned, Tensor) else list(returned) if hasattr(returned, "__iter__") else None
    if tensors is None or not all(isinstance(tensor, Tensor) for tensor in tensors):
        raise TensorError(f"infer returned {type(returned).__name__}, expected tensors, or a dict of values by name")
    return tensors
