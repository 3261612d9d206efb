"""Models: run natively by the host, outside the sandbox."""

from __future__ import annotations

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
        tensors = [self._tensor(*item) for item in inputs.items()] if isinstance(inputs, Mapping) else list(inputs)
        return Outputs(self._handle.infer(tensors))

    def _tensor(self, name: str, values: Any) -> Tensor:
        if isinstance(values, Tensor):
            return Tensor.from_bytes(name, values.element, values.shape, values.data)
        spec = next((spec for spec in self.inputs if spec.name == name), None)
        if spec is None:
            names = ", ".join(spec.name for spec in self.inputs)
            raise TensorError(f"no input {name!r}, the model takes {names}")
        shape = None
        if isinstance(values, (list, tuple, array)) and len(values) == 0 and None not in spec.shape[1:]:
            # Without a row the lists do not tell how long one is; the model does.
            shape = [0, *(size or 0 for size in spec.shape[1:])]
        return Tensor(name, values, shape=shape, element=spec.element)


class Outputs:
    """What a model gave: one tensor for each output, in the model's own order."""

    def __init__(self, tensors: Sequence[Tensor]) -> None:
        self._tensors = list(tensors)

    def __getitem__(self, name: str) -> Tensor:
        """The output of this name. Raises `TensorError` with the names that there are."""
        for tensor in self._tensors:
            if tensor.name == name:
                return tensor
        raise TensorError(f"no output {name!r}, only {', '.join(tensor.name for tensor in self._tensors)}")

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)
