"""Triton's own client over HTTP, as its users call it. Told where the server is on standard input."""

import json
import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

told = json.load(sys.stdin)
client = triton.InferenceServerClient(told["address"].removeprefix("http://"))
flowers = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]], dtype=np.float32)


def of(model):
    # A new one for each call: the client leaves in it what it adds.
    return {"authorization": "Bearer " + told["keys"][model]}


def refused(call, words):
    try:
        call()
    except InferenceServerException as error:
        assert words in error.message(), error
    else:
        raise AssertionError(f"was not refused: {words}")


assert client.is_server_live() and client.is_server_ready()
assert client.get_server_metadata()["name"] == "mlwasm"

for model in ["typed", "iris"]:
    headers = of(model)
    assert client.is_model_ready(model, headers=headers)
    assert client.is_model_ready(model, "blue", headers=headers)
    assert not client.is_model_ready(model, "green", headers=headers)
    for binary in [True, False]:
        given = triton.InferInput("input", list(flowers.shape), "FP32")
        given.set_data_from_numpy(flowers, binary_data=binary)
        for wanted in [None, [triton.InferRequestedOutput("label", binary_data=binary)]]:
            for coding in [None, "gzip", "deflate"]:
                result = client.infer(
                    model,
                    [given],
                    outputs=wanted,
                    request_id="7",
                    headers=of(model),
                    request_compression_algorithm=coding,
                    response_compression_algorithm=coding,
                )
                assert result.as_numpy("label").tolist() == [0, 2]
                assert result.get_response()["id"] == "7"
                assert result.get_response()["model_name"] == model
                if wanted is None:
                    assert result.as_numpy("probabilities").shape == (2, 3)
    result = client.async_infer(model, [given], headers=of(model)).get_result()
    assert result.as_numpy("label").tolist() == [0, 2]

headers = of("typed")
metadata = client.get_model_metadata("typed", headers=headers)
assert metadata["inputs"] == [{"name": "input", "datatype": "FP32", "shape": [-1, 4]}], metadata
assert client.get_model_config("typed", headers=headers)["input"][0]["data_type"] == "TYPE_FP32"
statistics = client.get_inference_statistics("typed", headers=headers)
assert statistics["model_stats"][0]["inference_count"] == 13, statistics
index = client.get_model_repository_index(headers=headers)
assert index == [{"name": "typed", "version": "blue", "state": "READY"}], index

wanted = [triton.InferRequestedOutput("probabilities", class_count=1)]
result = client.infer("typed", [given], outputs=wanted, headers=of("typed"))
classes = result.as_numpy("probabilities")
assert [text.split(b":")[1] for text in classes.flatten()] == [b"0", b"2"], classes

refused(lambda: client.infer("typed", [given]), "a valid key")
refused(lambda: client.get_model_metadata("other", headers=headers), 'no endpoint "other"')
refused(lambda: client.load_model("typed", headers=headers), "mlwasm deploy")
refused(lambda: client.unload_model("typed", headers=headers), "mlwasm deploy")
wrong = triton.InferInput("input", [1, 5], "FP32")
wrong.set_data_from_numpy(np.zeros((1, 5), dtype=np.float32))
refused(lambda: client.infer("typed", [wrong], headers=of("typed")), "inputs[0].shape[1]: expected 4, found 5")
