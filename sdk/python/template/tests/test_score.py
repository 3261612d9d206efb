"""Tests of the scorer's own logic, in plain Python: `python3 -m unittest discover tests`, or pytest."""

import json
import sys
import unittest
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(PROJECT), str(PROJECT / ".mlwasm/sdk")]

import score  # noqa: E402
from mlwasm import BadRequest, InferenceError  # noqa: E402
from mlwasm.testing import FakeHost, FakeModel, call, post_json  # noqa: E402

MODEL = FakeModel(
    lambda inputs: {"label": list(range(inputs["input"].shape[0]))},
    inputs=["input: float32 [?, 4]"],
    outputs=["label: int64 [?]"],
)


class Scoring(unittest.TestCase):
    def test_every_row_gets_its_label(self) -> None:
        with FakeHost({"model": MODEL}, env={"GREETING": "iris"}):
            score.init()
            response = call(score, post_json({"data": [[1, 2, 3, 4], [5, 6, 7, 8]]}))

        self.assertEqual(json.loads(response.body), {"labels": [0, 1], "what": "iris"})

    def test_a_deployment_without_a_model_does_not_start(self) -> None:
        with FakeHost(), self.assertRaises(InferenceError):
            score.init()

    def test_a_row_that_is_too_short_is_a_bad_request(self) -> None:
        with FakeHost({"model": MODEL}):
            score.init()
            with self.assertRaises(BadRequest):
                call(score, post_json({"data": [[1, 2]]}))


if __name__ == "__main__":
    unittest.main()
