"""Typed scorers: JSON to tensors and back, and what holds a scorer to its signature."""

import json
import sys
import unittest
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mlwasm import BadRequest, InferenceError, Signature, Tensor, TensorError, files  # noqa: E402
from mlwasm.testing import FakeHost, call, infer, post  # noqa: E402


def echo(*specs: str) -> Any:
    """Gives back what it takes."""
    signature = Signature(inputs=specs, outputs=specs)
    return SimpleNamespace(describe=lambda: signature, infer=lambda inputs: inputs)


def ask(scorer: Any, body: str) -> str:
    return call(scorer, post("application/json", body)).body.decode()


class Json(unittest.TestCase):
    def test_json_becomes_elements_of_every_type_up_to_its_limits(self) -> None:
        for element, good, told, bad in [
            ("boolean", "true", '"BOOL","shape":[],"data":[true]', "1"),
            ("uint8", "255", '"UINT8","shape":[],"data":[255]', "256"),
            ("uint8", "0", '"UINT8","shape":[],"data":[0]', "-1"),
            ("int8", "-128", '"INT8","shape":[],"data":[-128]', "-129"),
            ("uint16", "65535", '"UINT16","shape":[],"data":[65535]', "65536"),
            ("int16", "32767", '"INT16","shape":[],"data":[32767]', "32768"),
            ("uint32", "4294967295", '"UINT32","shape":[],"data":[4294967295]', "4294967296"),
            ("int32", "-2147483648", '"INT32","shape":[],"data":[-2147483648]', "-2147483649"),
            ("uint64", "18446744073709551615", '"UINT64","shape":[],"data":[18446744073709551615]', "-1"),
            ("int64", "-9223372036854775808", '"INT64","shape":[],"data":[-9223372036854775808]', "9223372036854775808"),
            ("int64", "1", '"INT64","shape":[],"data":[1]', "1.5"),
            ("int64", "1", '"INT64","shape":[],"data":[1]', "true"),
            ("float16", "65504", '"FP16","shape":[],"data":[65504.0]', "65520"),
            ("bfloat16", "0.5", '"BF16","shape":[],"data":[0.5]', "3.40e38"),
            ("float32", "0.1", '"FP32","shape":[],"data":[0.1]', "3.5e38"),
            ("float32", "16777217", '"FP32","shape":[],"data":[16777216.0]', "true"),
            ("float32", '"-Infinity"', '"FP32","shape":[],"data":["-Infinity"]', '"Inf"'),
            ("float64", '"NaN"', '"FP64","shape":[],"data":["NaN"]', "null"),
            ("bytes", '"ä"', '"BYTES","shape":[],"data":["ä"]', "1"),
        ]:
            with self.subTest(element=element, good=good):
                scorer = echo(f"x: {element} []")
                self.assertEqual(ask(scorer, f'{{"data": {good}}}'), f'{{"outputs":{{"x":{{"datatype":{told}}}}}}}')
                with self.assertRaisesRegex(BadRequest, "^input `x`: element  is "):
                    ask(scorer, f'{{"data": {bad}}}')

    def test_a_float_of_32_bits_is_told_in_as_few_digits_as_come_back(self) -> None:
        for number in ("0.1", "0.023106942", "5.0559726e-07", "3.4028235e+38", "123456.79"):
            told = json.loads(ask(echo("x: float32 []"), f'{{"data": {number}}}'))
            self.assertEqual(repr(told["outputs"]["x"]["data"][0]), number)

    def test_inputs_are_found_by_their_names_in_any_order(self) -> None:
        scorer = echo("a: float32 [?, 2]", "b: int64 []")
        told = json.loads(ask(scorer, '{"inputs": {"b": 3, "a": [[1, 2], [3, 4]]}}'))["outputs"]
        self.assertEqual((told["a"]["data"], told["b"]["data"]), ([1, 2, 3, 4], [3]))
        for body, reason in [
            ('{"data": 3}', '`data` is for scorers of one input, expected {"inputs": {"a": FP32 [?, 2], "b": INT64 []}}'),
            ('{"inputs": {"a": [[1, 2], [5, "x"]], "b": 1}}', 'input `a`: element [1][1] is "x", expected FP32 [?, 2]'),
        ]:
            with self.assertRaises(BadRequest) as refused:
                ask(scorer, body)
            self.assertEqual(str(refused.exception), reason)


class Signatures(unittest.TestCase):
    def test_values_by_name_become_what_the_signature_says(self) -> None:
        signature = Signature(inputs=["x: float32 [?]"], outputs=["y: int64 [?, 2]"])
        scorer = SimpleNamespace(describe=lambda: signature, infer=lambda inputs: {"y": []})
        y = infer(scorer, {"x": [1, 2]})["y"]
        self.assertEqual((y.shape, y.element.value), ((0, 2), "int64"))

    def test_both_sides_are_held_to_the_signature(self) -> None:
        scorer = echo("x: float32 [?]")
        with self.assertRaises(InferenceError):
            infer(scorer, {"x": [[1]]})
        scorer.infer = lambda inputs: [Tensor("z", [1])]
        with self.assertRaisesRegex(InferenceError, 'no tensor "z"'):
            infer(scorer, {"x": [1]})
        for wrong in (None, 1, [1]):
            scorer.infer = lambda inputs, wrong=wrong: wrong
            with self.assertRaisesRegex(TensorError, "infer returned"):
                infer(scorer, {"x": [1]})
        scorer.describe = lambda: {"inputs": []}
        with self.assertRaisesRegex(TypeError, "expected a Signature"):
            infer(scorer, {"x": [1]})

    def test_a_run_of_its_own_comes_first(self) -> None:
        scorer = echo("x: float32 [?]")
        scorer.run = lambda request: "mine"
        self.assertEqual(ask(scorer, "{}"), "mine")


class Files(unittest.TestCase):
    def test_files_are_read_by_their_names(self) -> None:
        with FakeHost(files={"vocab/words.bin": b"\xff", "labels.txt": "setosa\n"}):
            self.assertEqual(files.text("labels.txt"), "setosa\n")
            self.assertEqual(files.read("vocab/words.bin"), b"\xff")
            self.assertEqual(files.names(), ["labels.txt", "vocab/words.bin"])
            self.assertTrue(Path(files.path("labels.txt")).is_file())
            with self.assertRaises(FileNotFoundError):
                files.read("nope")
            with self.assertRaises(UnicodeDecodeError):
                files.text("vocab/words.bin")
        with FakeHost():
            self.assertEqual(files.names(), [])


if __name__ == "__main__":
    unittest.main()
