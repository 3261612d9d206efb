"""MLServer's command for requests in bulk, as its users call it. Told where the server is on standard input."""

import json
import sys
import tempfile
from pathlib import Path

from mlserver.cli.main import root

told = json.load(sys.stdin)
address = told["address"].removeprefix("http://")
folder = Path(tempfile.mkdtemp())
requests, answers = folder / "requests.jsonl", folder / "answers.jsonl"
flowers = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3], [5.9, 2.8, 4.3, 1.3]]


def request(number):
    tensor = {"name": "input", "datatype": "FP32", "shape": [1, 4], "data": flowers[number % 3]}
    return json.dumps({"id": str(number), "inputs": [tensor]})


requests.write_text("".join(request(number) + "\n" for number in range(20)))
for model in ["typed", "iris"]:
    for batch in ["1", "4"]:
        root(
            ["infer", "--url", address, "--model-name", model]
            + ["--input-data-path", str(requests), "--output-data-path", str(answers)]
            + ["--workers", "2", "--batch-size", batch]
            + ["--request-headers", f"Authorization: Bearer {told['keys'][model]}"],
            standalone_mode=False,
        )
        labels = {}
        for line in answers.read_text().splitlines():
            answer = json.loads(line)
            output = next(it for it in answer["outputs"] if it["name"] == "label")
            labels[int(answer["id"])] = output["data"]
        expected = {number: [[0], [2], [1]][number % 3] for number in range(20)}
        assert labels == expected, (model, batch, labels)
        answers.unlink()
