"""Tensors: how values lie, what is refused, and where."""

import math
import struct
import unittest
from array import array

from mlwasm import ElementType, Tensor, TensorError


class Values(unittest.TestCase):
    def test_every_element_lies_little_endian_and_comes_back(self) -> None:
        cases: list[tuple[str, list, bytes]] = [
            ("boolean", [True, False], b"\x01\x00"),
            ("uint8", [255], b"\xff"),
            ("int8", [-128], b"\x80"),
            ("uint16", [258], b"\x02\x01"),
            ("int16", [-2], b"\xfe\xff"),
            ("uint32", [2**32 - 1], b"\xff" * 4),
            ("int32", [-1], b"\xff" * 4),
            ("uint64", [2**64 - 1], b"\xff" * 8),
            ("int64", [-(2**63)], b"\x00" * 7 + b"\x80"),
            ("float16", [1.0], b"\x00\x3c"),
            ("bfloat16", [1.0], b"\x80\x3f"),
            ("float32", [1.0], b"\x00\x00\x80\x3f"),
            ("float64", [1.0], b"\x00" * 6 + b"\xf0\x3f"),
            ("bytes", ["näh", ""], b"\x04\x00\x00\x00n\xc3\xa4h\x00\x00\x00\x00"),
        ]
        self.assertEqual({name for name, _, _ in cases}, {element.value for element in ElementType})
        for element, values, data in cases:
            with self.subTest(element):
                tensor = Tensor("x", values, element=element)
                self.assertEqual(tensor.data, data)
                self.assertEqual(tensor.values(), values)
                self.assertEqual(tensor.shape, (len(values),))

    def test_values_decide_the_element_unless_it_is_named(self) -> None:
        cases = [
            ([1], "float32"),
            ([0.5], "float32"),
            ([True], "boolean"),
            (["a"], "bytes"),
            ([b"a"], "bytes"),
            (array("d", [1]), "float64"),
            (array("q", [1]), "int64"),
            (array("B", [1]), "uint8"),
            (b"\x01", "uint8"),
            (bytearray(1), "uint8"),
            (memoryview(array("f", [1])), "float32"),
        ]
        for values, element in cases:
            with self.subTest(repr(values)):
                self.assertEqual(Tensor("x", values).element.value, element)
        self.assertEqual(Tensor("x", array("d", [1.5]), element="float32").data, struct.pack("<f", 1.5))

    def test_a_value_that_does_not_fit_its_element_is_refused_with_its_place(self) -> None:
        cases: list[tuple[str, list, str]] = [
            ("uint8", [255, 256], "element 1 is 256"),
            ("int8", [127, 128], "element 1 is 128"),
            ("int16", [-32768, -32769], "element 1 is -32769"),
            ("uint32", [-1], "element 0 is -1"),
            ("int32", [0.5], "element 0 is 0.5"),
            ("int64", [2**63 - 1, 2**63], "element 1 is 9223372036854775808"),
            ("uint64", [-1], "element 0 is -1"),
            ("float16", [65504, 65520], "element 1 is 65520"),
            ("float32", [1, "2"], "element 1 is '2'"),
            ("float32", [3.5e38], "element 0 is 3.5e+38"),
            ("float64", [None], "element 0 is None"),
            ("bfloat16", ["1"], "element 0 is '1'"),
            ("boolean", [True, 2], "element 1 is 2"),
            ("bytes", ["a", 1], "element 1 is 1"),
        ]
        for element, values, reason in cases:
            with self.subTest(f"{element} {values}"), self.assertRaises(TensorError) as caught:
                Tensor("x", values, element=element)
            self.assertIn(f"tensor 'x': {reason}", str(caught.exception))

    def test_an_element_that_is_none_is_refused_with_those_that_are(self) -> None:
        with self.assertRaisesRegex(TensorError, "no element type 'float8', expected one of boolean, uint8"):
            Tensor("x", [1], element="float8")


class Shapes(unittest.TestCase):
    def test_nested_lists_tell_the_shape_and_come_back(self) -> None:
        for nested in (3.0, [], [1.0, 2.0], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [[[1.0], [2.0]]], [[], []]):
            with self.subTest(repr(nested)):
                self.assertEqual(Tensor("x", nested).tolist(), nested)
        self.assertEqual(Tensor("x", [[1, 2], (3, 4), [5, 6]]).shape, (3, 2))
        self.assertEqual(Tensor("x", [[], []]).shape, (2, 0))

    def test_a_flat_list_or_a_buffer_takes_the_shape_that_is_given(self) -> None:
        self.assertEqual(Tensor("x", [1, 2, 3, 4], shape=[2, 2]).tolist(), [[1.0, 2.0], [3.0, 4.0]])
        self.assertEqual(Tensor("x", array("i", range(4)), shape=(2, 2)).tolist(), [[0, 1], [2, 3]])

    def test_a_shape_that_the_values_do_not_fill_is_refused(self) -> None:
        with self.assertRaisesRegex(TensorError, r"tensor 'x' of shape \[2, 3\] needs 6 elements, got 5"):
            Tensor("x", [1, 2, 3, 4, 5], shape=[2, 3])
        for shape in ([-1], [2**32], [True], ["1"]):
            with self.subTest(repr(shape)), self.assertRaisesRegex(TensorError, "the shape of tensor 'x'"):
                Tensor("x", [], shape=shape)  # type: ignore[arg-type]

    def test_ragged_lists_are_refused_with_their_place(self) -> None:
        with self.assertRaisesRegex(TensorError, "list 1 of level 1 has not 2 elements"):
            Tensor("x", [[1, 2], [3]])
        with self.assertRaisesRegex(TensorError, "ragged"):
            Tensor("x", [[1], 2])


class Bytes(unittest.TestCase):
    def test_bytes_that_do_not_fill_the_shape_are_noticed(self) -> None:
        for length in (7, 9, 12):
            with self.subTest(length), self.assertRaisesRegex(TensorError, "are not 2 elements of float32"):
                Tensor.from_bytes("x", "float32", [2], bytes(length)).values()
        for data in (b"\x01\x00", b"\x02\x00\x00\x00a", bytes(8)):
            with self.subTest(data), self.assertRaises(TensorError):
                Tensor.from_bytes("x", "bytes", [1], data).values()

    def test_a_string_that_is_not_utf8_is_bytes_still(self) -> None:
        tensor = Tensor("x", [b"\xff"])
        self.assertEqual(tensor.byte_strings(), [b"\xff"])
        with self.assertRaisesRegex(TensorError, "element 0 of tensor 'x' is not UTF-8"):
            tensor.values()

    def test_a_view_shares_the_bytes(self) -> None:
        self.assertEqual(Tensor("x", [1, 2], element="int64").memoryview().tolist(), [1, 2])
        for element in ("float16", "bfloat16", "bytes"):
            with self.subTest(element), self.assertRaisesRegex(TensorError, "there is no view"):
                Tensor("x", ["1"] if element == "bytes" else [1], element=element).memoryview()


class HalfPrecision(unittest.TestCase):
    def test_every_number_survives(self) -> None:
        for element in ("float16", "bfloat16"):
            data = struct.pack("<65536H", *range(65536))
            values = Tensor.from_bytes("x", element, [65536], data).values()
            for bits, value in enumerate(values):
                if not math.isnan(value):
                    back = struct.unpack("<H", Tensor("x", [value], element=element).data)[0]
                    self.assertEqual(back, bits, f"{element} {value}")

    def test_bfloat16_is_rounded_once_ties_to_even(self) -> None:
        cases = [
            (1 + 1 / 256, 0x3F80),
            (1 + 3 / 256, 0x3F82),
            (1 + 1 / 256 + 2**-40, 0x3F81),
            (-(1 + 1 / 256 + 2**-40), 0xBF81),
            (3.4e38, 0x7F80),
            (1e300, 0x7F80),
            (-1e300, 0xFF80),
            (math.inf, 0x7F80),
            (-0.0, 0x8000),
        ]
        for value, bits in cases:
            with self.subTest(value):
                self.assertEqual(struct.unpack("<H", Tensor("x", [value], element="bfloat16").data)[0], bits)


if __name__ == "__main__":
    unittest.main()
