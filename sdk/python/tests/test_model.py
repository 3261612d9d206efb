"""Models and the fake host."""

import os
import unittest

from mlwasm import Collection, CollectionError, InferenceError, Model, Tensor, TensorError, env
from mlwasm.testing import FakeHost, FakeModel, spec

ADDING = FakeModel(
    lambda inputs: {"sums": [int(a + b) for a, b in inputs["rows"].tolist()]},
    inputs=["rows: float32 [?, 2]", "words: bytes [1]"],
    outputs=["sums: int64 [?]"],
)
WORDS = Tensor("words", ["x"])


def rows(shape: list[int], element: str = "float32") -> Tensor:
    count = 1
    for size in shape:
        count *= size
    return Tensor("rows", [1] * count, shape=shape, element=element)


class Models(unittest.TestCase):
    def setUp(self) -> None:
        host = FakeHost({"model": ADDING})
        host.__enter__()
        self.addCleanup(host.__exit__, None, None, None)
        self.model = Model.open()

    def test_values_by_name_become_tensors_as_the_model_wants_them(self) -> None:
        outputs = self.model.infer({"words": ["hi"], "rows": [[1, 2], [3, 4]]})

        self.assertEqual(outputs["sums"].values(), [3, 7])
        self.assertEqual([tensor.name for tensor in outputs], ["sums"])
        with self.assertRaisesRegex(TensorError, "no output 'none', only sums"):
            outputs["none"]

    def test_a_batch_without_rows_has_the_models_row_length(self) -> None:
        self.assertEqual(self.model.infer({"rows": [], "words": ["x"]})["sums"].shape, (0,))

    def test_tensors_are_taken_in_any_order(self) -> None:
        self.assertEqual(self.model.infer([WORDS, rows([2, 2])])["sums"].values(), [2, 2])

    def test_what_does_not_fit_the_model_is_refused_as_the_real_host_does(self) -> None:
        cases = [
            ([rows([1, 2])], 'tensor "words" is missing'),
            ([rows([1, 2]), WORDS, WORDS], 'tensor "words" is given twice'),
            ([rows([1, 2]), WORDS, Tensor("x", [1])], 'no tensor "x", expected rows, words'),
            ([rows([1, 2], "float64"), WORDS], 'tensor "rows" holds float64, expected float32'),
            ([rows([1, 3]), WORDS], 'tensor "rows" has shape [1, 3], expected [?, 2]'),
            ([rows([2]), WORDS], 'tensor "rows" has shape [2], expected [?, 2]'),
            ([Tensor.from_bytes("rows", "float32", [1, 2], bytes(7)), WORDS], 'tensor "rows" of shape [1, 2] has 7 bytes'),
            ([rows([1, 2]), Tensor.from_bytes("words", "bytes", [1], b"a")], 'tensor "words" of shape [1] has 1 bytes'),
        ]
        for tensors, message in cases:
            with self.subTest(message), self.assertRaises(InferenceError) as caught:
                self.model.infer(tensors)
            self.assertEqual((caught.exception.kind, str(caught.exception)), ("invalid-input", message))
        with self.assertRaisesRegex(TensorError, "no input 'x', the model takes rows, words"):
            self.model.infer({"x": [1]})


class Hosts(unittest.TestCase):
    def test_a_model_that_is_not_there_tells_those_that_are(self) -> None:
        with FakeHost({"iris": ADDING}), self.assertRaises(InferenceError) as caught:
            Model.open()
        self.assertEqual(caught.exception.kind, "unknown-model")
        self.assertEqual(str(caught.exception), 'no model "model": the deployment has iris')

    def test_without_a_host_it_is_said_what_to_do(self) -> None:
        with self.assertRaisesRegex(RuntimeError, "mlwasm.testing.FakeHost"):
            Model.open()

    def test_variables_are_there_inside_and_gone_outside(self) -> None:
        os.environ["MLWASM_TEST_KEPT"] = "before"
        self.addCleanup(os.environ.pop, "MLWASM_TEST_KEPT")
        with FakeHost(env={"MLWASM_TEST_NEW": "1", "MLWASM_TEST_KEPT": "within"}):
            self.assertEqual((env("MLWASM_TEST_NEW"), env("MLWASM_TEST_KEPT")), ("1", "within"))
        self.assertEqual((env("MLWASM_TEST_NEW"), env("MLWASM_TEST_KEPT")), (None, "before"))
        self.assertEqual(env("MLWASM_TEST_NEW", "x"), "x")

    def test_records_are_left_where_they_are_kept(self) -> None:
        with FakeHost(collections=["features"]) as host:
            kept, other = Collection("features"), Collection("other")
            kept.record({"income": 1.5})
            kept.record("text")
            other.record(object())
            with self.assertRaises(CollectionError):
                Collection("no name").record(1)

        self.assertEqual((kept.enabled, other.enabled), (False, False))
        self.assertEqual(
            host.records,
            [("features", "application/json", b'{"income":1.5}'), ("features", "text/plain; charset=utf-8", b"text")],
        )

    def test_a_spec_reads_as_it_is_shown(self) -> None:
        found = spec("a b: int64 [?, 3]")
        self.assertEqual((found.name, found.element.value, found.shape), ("a b", "int64", (None, 3)))
        self.assertEqual(spec("x: bytes []").shape, ())
        with self.assertRaisesRegex(ValueError, "is no spec"):
            spec("x")


if __name__ == "__main__":
    unittest.main()
