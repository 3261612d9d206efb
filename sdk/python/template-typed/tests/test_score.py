"""Tests of the scorer's own logic, in plain Python: `python3 -m unittest discover tests`, or pytest."""

import json
import sys
import unittest
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT), str(PROJECT / ".mlwasm/sdk")]

import score  # noqa: E402
from mlwasm import BadRequest  # noqa: E402
from mlwasm.testing import FakeHost, FakeModel, call, infer, post_json  # noqa: E402

MODEL = FakeModel(
    lambda inputs: {"label": [2] * inputs["input"].shape[0]},
    inputs=["input: float32 [?, 4]"],
    outputs=["label: int64 [?]"],
)


class Scoring(unittest.TestCase):
    def test_every_row_gets_its_label(self) -> None:
        with FakeHost({"model": MODEL}):
            score.init()
            outputs = infer(score, {"rows": [[1, 2, 3, 4], [5, 6, 7, 8]]})

        self.assertEqual(outputs["label"].tolist(), [2, 2])

    def test_json_needs_no_code(self) -> None:
        with FakeHost({"model": MODEL}):
            score.init()
            response = call(score, post_json({"data": [[1, 2, 3, 4]]}))

        self.assertEqual(json.loads(response.body)["outputs"]["label"], {"datatype": "INT64", "shape": [1], "data": [2]})

    def test_no_row_is_a_bad_request(self) -> None:
        with FakeHost({"model": MODEL}):
            score.init()
            with self.assertRaises(BadRequest):
                infer(score, {"rows": []})


if __name__ == "__main__":
    unittest.main()
