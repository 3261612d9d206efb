"""Triton's own client over gRPC, as its users call it. Told where the server is on standard input."""

import json
import queue
import sys

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

told = json.load(sys.stdin)
client = triton.InferenceServerClient(told["address"].removeprefix("http://"))
flowers = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]], dtype=np.float32)
given = triton.InferInput("input", list(flowers.shape), "FP32")
given.set_data_from_numpy(flowers)


def of(model):
    return {"authorization": "Bearer " + told["keys"][model]}


def refused(call, status, words):
    try:
        call()
    except InferenceServerException as error:
        assert error.status() == "StatusCode." + status and words in error.message(), error
    else:
        raise AssertionError(f"was not refused: {words}")


assert client.is_server_live() and client.is_server_ready()
assert client.get_server_metadata().name == "mlwasm"

for model in ["typed", "iris"]:
    headers = of(model)
    assert client.is_model_ready(model, headers=headers)
    assert client.is_model_ready(model, "blue", headers=headers)
    for wanted in [None, [triton.InferRequestedOutput("label")]]:
        for coding in [None, "gzip", "deflate"]:
            result = client.infer(
                model,
                [given],
                outputs=wanted,
                request_id="7",
                headers=headers,
                compression_algorithm=coding,
                client_timeout=30,
            )
            assert result.as_numpy("label").tolist() == [0, 2]
            assert result.get_response().id == "7"

headers = of("typed")
metadata = client.get_model_metadata("typed", headers=headers)
assert (metadata.inputs[0].datatype, list(metadata.inputs[0].shape)) == ("FP32", [-1, 4])
config = client.get_model_config("typed", headers=headers, as_json=True)["config"]
assert config["input"][0]["data_type"] == "TYPE_FP32", config
statistics = client.get_inference_statistics("typed", headers=headers)
assert statistics.model_stats[0].inference_count == 6, statistics
index = client.get_model_repository_index(headers=headers)
assert [(one.name, one.version, one.state) for one in index.models] == [("typed", "blue", "READY")]

answers = queue.Queue()
client.start_stream(lambda result, error: answers.put((result, error)), headers=headers)
wrong = triton.InferInput("input", [1, 5], "FP32")
wrong.set_data_from_numpy(np.zeros((1, 5), dtype=np.float32))
for one in [given, wrong, given]:
    client.async_stream_infer("typed", [one])
first, second, third = [answers.get(timeout=30) for _ in range(3)]
assert first[0].as_numpy("label").tolist() == [0, 2]
assert "inputs[0].shape[1]: expected 4, found 5" in second[1].message(), second
assert third[0].as_numpy("label").tolist() == [0, 2]
client.stop_stream()

refused(lambda: client.infer("typed", [given]), "UNAUTHENTICATED", "a valid key")
refused(lambda: client.infer("other", [given], headers=headers), "NOT_FOUND", 'no endpoint "other"')
refused(lambda: client.infer("typed", [wrong], headers=headers), "INVALID_ARGUMENT", "expected 4, found 5")
refused(lambda: client.load_model("typed", headers=headers), "PERMISSION_DENIED", "mlwasm deploy")
