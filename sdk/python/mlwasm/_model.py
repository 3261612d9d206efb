"""Models: run natively by the host, outside the sandbox."""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from typing import Any, Iterator, Mapping, Sequence

from ._errors import TensorError
from ._host import ModelHandle, host
from ._tensor import ElementType, Tensor


@dataclass(frozen=True)
class TensorSpec:
    """What a model takes or gives under one name."""

    name: str
    element: ElementType
    shape: tuple[int | None, ...]
    """The size of each dimension, outermost first; None is any size, such as the number of rows in a batch."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "element", ElementType.of(self.element))
        object.__setattr__(self, "shape", tuple(self.shape))

    @classmethod
    def of(cls, spec: TensorSpec | str) -> TensorSpec:
        """What `input: float32 [?, 4]` says. Raises `TensorError` if the text is none."""
        if isinstance(spec, TensorSpec):
            return spec
        found = re.fullmatch(r"\s*(.+?)\s*:\s*(\w+)\s*\[([\s\d?,]*)\]\s*", spec)
        if not found:
            raise TensorError(f"{spec!r} is no spec, expected one as in 'input: float32 [?, 4]'")
        name, element, sizes = found.groups()
        shape = tuple(None if size.strip() == "?" else int(size) for size in sizes.split(",") if size.strip())
        return cls(name, ElementType.of(element), shape)

    def accepts(self, shape: Sequence[int]) -> bool:
        """Whether a tensor may have this shape."""
        sizes = zip(self.shape, shape)
        return len(self.shape) == len(shape) and all(wanted is None or wanted == size for wanted, size in sizes)


class Model:
    """A model of the deployment."""

    def __init__(self, handle: ModelHandle) -> None:
        self._handle = handle
        self.inputs = handle.inputs()
        """What it takes, in its own order."""
        self.outputs = handle.outputs()
        """What it gives, in its own order."""

    @classmethod
    def open(cls, name: str = "model") -> Model:
        """Opens the model that the deployment lists under this name; `model` is the name of a deployment's only one.

        Open models in `init`: then a missing one stops the deployment, not a request. Raises `InferenceError`.
        """
        return cls(host().open_model(name))

    def infer(self, inputs: Mapping[str, Any] | Sequence[Tensor]) -> Outputs:
        """Runs the model once: tensors in any order, or values by the inputs' names.

        Values are nested lists, or buffers of the model's shape; the model decides their elements. Raises `TensorError` if they
        make no tensor; `InferenceError` "invalid-input" before anything runs, if a name, type, shape or
        length does not fit; "failed" if the run fails.
        """
        if not isinstance(inputs, Mapping):
            return Outputs(self._handle.infer(list(inputs)))
        tensors = [tensor_of(name, values, self.inputs, "input") for name, values in inputs.items()]
        return Outputs(self._handle.infer(tensors))


#: Whose specs they are, in a message.
_WHO = {"input": "the model takes", "output": "the signature gives"}


def tensor_of(name: str, values: Any, specs: Sequence[TensorSpec], side: str) -> Tensor:
    """The tensor of this name, whose elements `specs` decide. They are the inputs of a model or the outputs of a scorer."""
    if isinstance(values, Tensor):
        return Tensor.from_bytes(name, values.element, values.shape, values.data)
    spec = next((spec for spec in specs if spec.name == name), None)
    if spec is None:
        names = ", ".join(spec.name for spec in specs)
        raise TensorError(f"no {side} {name!r}, {_WHO[side]} {names}")
    shape = None
    if isinstance(values, (list, tuple, array)) and len(values) == 0 and None not in spec.shape[1:]:
        # Without a row the lists do not tell how long one is; the spec does.
        shape = [0, *(size or 0 for size in spec.shape[1:])]
    return Tensor(name, values, shape=shape, element=spec.element)


class Tensors:
    """Tensors by name and in order."""

    _side = "tensor"

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self._tensors = list(tensors)

    def __getitem__(self, name: str) -> Tensor:
        """The tensor of this name. Raises `TensorError` with the names that there are."""
        for tensor in self._tensors:
            if tensor.name == name:
                return tensor
        raise TensorError(f"no {self._side} {name!r}, only {', '.join(tensor.name for tensor in self._tensors)}")

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)


class Outputs(Tensors):
    """What a model gave: one tensor for each output, in the model's own order."""

    _side = "output"
