"""The fourteen types of a tensor's elements: how Python holds them.

Bytes are little-endian, and so is WebAssembly. `struct` is told so; `array` is the machine's, which
is the same on every machine that this runs on.
"""

from __future__ import annotations

import enum
import struct
import sys
from typing import Any, Sequence

from ._errors import TensorError


class ElementType(enum.Enum):
    """What a tensor's elements are. The values are the contract's names."""

    BOOLEAN = "boolean"
    UINT8 = "uint8"
    INT8 = "int8"
    UINT16 = "uint16"
    INT16 = "int16"
    UINT32 = "uint32"
    INT32 = "int32"
    UINT64 = "uint64"
    INT64 = "int64"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BYTES = "bytes"

    @classmethod
    def of(cls, name: ElementType | str) -> ElementType:
        """The type of this name. Raises `TensorError` with those that there are."""
        try:
            return cls(name)
        except ValueError:
            names = ", ".join(member.value for member in cls)
            raise TensorError(f"no element type {name!r}, expected one of {names}") from None


#: As the Open Inference Protocol names them.
_DATATYPES = {
    ElementType.BOOLEAN: "BOOL",
    ElementType.FLOAT16: "FP16",
    ElementType.BFLOAT16: "BF16",
    ElementType.FLOAT32: "FP32",
    ElementType.FLOAT64: "FP64",
}
FLOATS = frozenset({ElementType.FLOAT16, ElementType.BFLOAT16, ElementType.FLOAT32, ElementType.FLOAT64})
#: With the least and the greatest value.
INTEGERS = {
    **{ElementType(f"uint{bits}"): (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
    **{ElementType(f"int{bits}"): (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
}


def datatype(element: ElementType) -> str:
    """Its name in the Open Inference Protocol, such as FP32."""
    return _DATATYPES.get(element, element.name)


assert sys.byteorder == "little", "tensors are little-endian"

#: For `struct`: one letter and the size. bfloat16 has none: it is the upper half of a float32.
FORMATS: dict[ElementType, tuple[str, int]] = {
    ElementType.BOOLEAN: ("?", 1),
    ElementType.UINT8: ("B", 1),
    ElementType.INT8: ("b", 1),
    ElementType.UINT16: ("H", 2),
    ElementType.INT16: ("h", 2),
    ElementType.UINT32: ("I", 4),
    ElementType.INT32: ("i", 4),
    ElementType.UINT64: ("Q", 8),
    ElementType.INT64: ("q", 8),
    ElementType.FLOAT16: ("e", 2),
    ElementType.BFLOAT16: ("H", 2),
    ElementType.FLOAT32: ("f", 4),
    ElementType.FLOAT64: ("d", 8),
}

#: By the type code of `array.array` and `memoryview` and the size of one element, which depends on the machine.
_CODES = {
    **{(code, size): ElementType(f"int{8 * size}") for code in "bhilq" for size in (1, 2, 4, 8)},
    **{(code, size): ElementType(f"uint{8 * size}") for code in "BHILQ" for size in (1, 2, 4, 8)},
    ("e", 2): ElementType.FLOAT16,
    ("f", 4): ElementType.FLOAT32,
    ("d", 8): ElementType.FLOAT64,
    ("?", 1): ElementType.BOOLEAN,
}


def element_of_buffer(code: str, size: int) -> ElementType | None:
    """What a buffer of this format holds."""
    return _CODES.get((code.lstrip("<=@"), size))


def element_of_list(values: Sequence[Any]) -> ElementType:
    """What a list holds, by its first value: numbers are float32 unless they are named otherwise."""
    if values and isinstance(values[0], bool):
        return ElementType.BOOLEAN
    if values and isinstance(values[0], (str, bytes)):
        return ElementType.BYTES
    return ElementType.FLOAT32


def pack(element: ElementType, values: Sequence[Any]) -> bytes:
    """The values as bytes. Raises `TensorError` with the position of the first that does not fit."""
    letter, _size = FORMATS[element]
    converted: Sequence[Any] = values
    if element is ElementType.BFLOAT16:
        converted = [_to_bfloat16(value) if _is_number(value) else value for value in values]
    try:
        # `?` takes anything that has a truth value.
        if element is ElementType.BOOLEAN and not all(_fits(element, value) for value in values):
            raise struct.error
        return struct.pack(f"<{len(values)}{letter}", *converted)
    except (struct.error, OverflowError, TypeError):
        place, value = next(((at, value) for at, value in enumerate(values) if not _fits(element, value)), (0, None))
        raise TensorError(f"element {place} is {value!r}, which is no {element.value}") from None


def unpack(element: ElementType, data: bytes) -> list[Any]:
    """The values of these bytes."""
    letter, size = FORMATS[element]
    values = list(struct.unpack(f"<{len(data) // size}{letter}", data))
    if element is ElementType.BFLOAT16:
        return [struct.unpack("<f", struct.pack("<I", bits << 16))[0] for bits in values]
    return values


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


def _fits(element: ElementType, value: Any) -> bool:
    if element is ElementType.BOOLEAN:
        return value is True or value is False or (isinstance(value, int) and value in (0, 1))
    if element is ElementType.BFLOAT16:
        return _is_number(value)
    try:
        struct.pack("<" + FORMATS[element][0], value)
    except (struct.error, OverflowError, TypeError):
        return False
    return True


def _to_bfloat16(value: float) -> int:
    """The bits of the nearest bfloat16, ties to even: rounded once, from the double itself."""
    if value != value:
        return 0x7FC0
    try:
        bits: int = struct.unpack("<I", struct.pack("<f", value))[0]
    except OverflowError:
        return 0xFF80 if value < 0 else 0x7F80
    near = struct.unpack("<f", struct.pack("<I", bits))[0]
    if near != value:
        # Towards zero with the last bit set if any was cut ("round to odd"): so the next rounding is right.
        if abs(near) > abs(value):
            bits -= 1
        bits |= 1
    return (bits + 0x7FFF + (bits >> 16 & 1)) >> 16
