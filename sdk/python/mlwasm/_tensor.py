"""Dense arrays with a name: what models take and give.

The data is kept as the bytes that the host reads, so that a tensor travels to the model without another copy.
"""

from __future__ import annotations

import math
import struct
from array import array
from typing import Any, Sequence

from ._elements import FORMATS, ElementType, element_of_buffer, element_of_list, pack, unpack
from ._errors import TensorError

__all__ = ["ElementType", "Tensor"]

_MOST = 0xFFFF_FFFF
_BUFFERS = (array, memoryview, bytes, bytearray)


class Tensor:
    """A dense array with a name: row-major."""

    __slots__ = ("name", "element", "shape", "data")

    def __init__(
        self,
        name: str,
        values: Any,
        *,
        shape: Sequence[int] | None = None,
        element: ElementType | str | None = None,
    ) -> None:
        """A tensor of nested lists, a flat list with a `shape`, or a buffer (`array.array`, `memoryview`, `bytes`).

        Without `element` a buffer decides it (`bytes` are uint8); strings are `bytes` elements, `bool` boolean, numbers
        float32. Raises `TensorError` if the values do not fill the shape or do not fit the element.
        """
        wanted = None if element is None else ElementType.of(element)
        if isinstance(values, _BUFFERS):
            own_shape, found, data = _from_buffer(values, wanted)
            count = math.prod(own_shape)
        else:
            own_shape, flat = _flatten(name, values)
            count = len(flat)
            found = wanted or element_of_list(flat)
            data = _pack(name, found, flat)
        self.name = name
        self.element = found
        self.shape = tuple(own_shape if shape is None else shape)
        self.data = data
        _check_shape(self)
        if self.element_count != count:
            raise TensorError(
                f"tensor {name!r} of shape {list(self.shape)} needs {self.element_count} elements, got {count}"
            )

    @classmethod
    def from_bytes(cls, name: str, element: ElementType | str, shape: Sequence[int], data: bytes) -> Tensor:
        """A tensor from its bytes, without a check: the host refuses what does not fit the model."""
        tensor = cls.__new__(cls)
        tensor.name, tensor.element = name, ElementType.of(element)
        tensor.shape, tensor.data = tuple(shape), data
        return tensor

    @property
    def element_count(self) -> int:
        """The number of places that the shape has."""
        return math.prod(self.shape)

    def values(self) -> list[Any]:
        """The elements, row-major: bool, int, float, or for `bytes` str.

        Raises `TensorError` if the bytes do not fill the shape, or a string is not UTF-8.
        """
        if self.element is ElementType.BYTES:
            return [self._text(index, value) for index, value in enumerate(self.byte_strings())]
        size = FORMATS[self.element][1]
        if len(self.data) != size * self.element_count:
            raise self._misfit()
        return unpack(self.element, self.data)

    def tolist(self) -> Any:
        """The elements in nested lists, as the shape says. A scalar is one value."""
        return _nest(self.values(), self.shape, 0)

    def memoryview(self) -> "memoryview":
        """The elements without a copy, one-dimensional. Raises `TensorError` for strings and half-precision floats."""
        if self.element in (ElementType.BYTES, ElementType.FLOAT16, ElementType.BFLOAT16):
            raise TensorError(f"tensor {self.name!r} holds {self.element.value}, of which there is no view: use values()")
        if len(self.data) != FORMATS[self.element][1] * self.element_count:
            raise self._misfit()
        format: Any = FORMATS[self.element][0]
        return memoryview(self.data).cast(format)

    def byte_strings(self) -> list[bytes]:
        """The strings as bytes, row-major."""
        if self.element is not ElementType.BYTES:
            raise TensorError(f"tensor {self.name!r} holds {self.element.value}, not strings")
        strings, at = [], 0
        while at < len(self.data):
            if at + 4 > len(self.data):
                raise self._misfit()
            end = at + 4 + struct.unpack_from("<I", self.data, at)[0]
            if end > len(self.data):
                raise self._misfit()
            strings.append(bytes(self.data[at + 4 : end]))
            at = end
        if len(strings) != self.element_count:
            raise self._misfit()
        return strings

    def _text(self, index: int, value: bytes) -> str:
        try:
            return value.decode()
        except UnicodeDecodeError:
            message = f"element {index} of tensor {self.name!r} is not UTF-8: use byte_strings()"
            raise TensorError(message) from None

    def _misfit(self) -> TensorError:
        return TensorError(
            f"tensor {self.name!r} holds {len(self.data)} bytes, "
            f"which are not {self.element_count} elements of {self.element.value}"
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tensor):
            return NotImplemented
        return all(getattr(self, field) == getattr(other, field) for field in self.__slots__)

    def __repr__(self) -> str:
        return f"Tensor({self.name!r}, {self.element.value}, shape={list(self.shape)})"


def _check_shape(tensor: Tensor) -> None:
    for size in tensor.shape:
        if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size <= _MOST:
            raise TensorError(f"the shape of tensor {tensor.name!r} is {list(tensor.shape)}, expected sizes")


def _from_buffer(values: Any, wanted: ElementType | None) -> tuple[Sequence[int], ElementType, bytes]:
    view = memoryview(values)
    found = element_of_buffer(view.format, view.itemsize)
    if found is None:
        raise TensorError(f"a buffer of format {view.format!r} is no tensor")
    if wanted in (None, found):
        return view.shape or (), found, view.tobytes()
    flat: Any = view.format
    return view.shape or (), wanted, pack(wanted, view.cast("B").cast(flat).tolist())


def _pack(name: str, element: ElementType, values: list[Any]) -> bytes:
    try:
        return _pack_strings(values) if element is ElementType.BYTES else pack(element, values)
    except TensorError as error:
        raise TensorError(f"tensor {name!r}: {error}") from None


def _pack_strings(values: list[Any]) -> bytes:
    parts = []
    for at, value in enumerate(values):
        if not isinstance(value, (str, bytes)):
            raise TensorError(f"element {at} is {value!r}, which is neither str nor bytes")
        encoded = value.encode() if isinstance(value, str) else value
        parts += [struct.pack("<I", len(encoded)), encoded]
    return b"".join(parts)


def _flatten(name: str, nested: Any) -> tuple[list[int], list[Any]]:
    shape: list[int] = []
    values: list[Any] = [nested]
    while values and isinstance(values[0], (list, tuple)):
        size = len(values[0])
        for at, inner in enumerate(values):
            if not isinstance(inner, (list, tuple)) or len(inner) != size:
                raise TensorError(
                    f"the lists of tensor {name!r} are ragged: list {at} of level {len(shape)} has not {size} elements"
                )
        shape.append(size)
        values = [value for inner in values for value in inner]
    return shape, values


def _nest(values: list[Any], shape: tuple[int, ...], start: int) -> Any:
    """From the outermost dimension inwards: a dimension of size 0 may hold others, or lie within them."""
    if not shape:
        return values[start]
    size, inner = shape[0], shape[1:]
    if not inner:
        return values[start : start + size]
    step = math.prod(inner)
    return [_nest(values, inner, start + at * step) for at in range(size)]
