"""KServe's own clients, as their users call them: REST in both protocols, and gRPC. Told where the server is on standard input."""

import asyncio
import json
import sys

import httpx
import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig

told = json.load(sys.stdin)
address = told["address"]
flowers = np.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]], dtype=np.float32)


def of(model):
    return {"authorization": "Bearer " + told["keys"][model]}


def request(model, binary):
    given = InferInput("input", list(flowers.shape), "FP32")
    given.set_data_from_numpy(flowers, binary_data=binary)
    return InferRequest(model, [given], request_id="7")


def label(response):
    return next(output for output in response.outputs if output.name == "label").as_numpy().tolist()


async def second():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    assert await client.is_server_live(address) and await client.is_server_ready(address)
    for model in ["typed", "iris"]:
        assert await client.is_model_ready(address, model, headers=of(model))
        for binary in [True, False]:
            response = await client.infer(address, request(model, binary), model, headers=of(model))
            assert label(response) == [0, 2] and response.id == "7", response
    await client.close()


async def first():
    client = InferenceRESTClient(RESTConfig(protocol="v1"))
    assert await client.is_model_ready(address, "typed", headers=of("typed"))
    given = {"instances": flowers.tolist()}
    response = await client.infer(address, given, "typed", headers=of("typed"))
    assert [one["label"] for one in response["predictions"]] == [0, 2], response
    try:
        await client.infer(address, given, "typed")
    except httpx.HTTPStatusError as error:
        assert error.response.status_code == 401
    else:
        raise AssertionError("was not refused without a key")
    await client.close()


async def grpc():
    client = InferenceGRPCClient(address.removeprefix("http://"))
    assert await client.is_server_live() and await client.is_server_ready()
    for model in ["typed", "iris"]:
        metadata = tuple(of(model).items())
        assert await client.is_model_ready(model, headers=metadata)
        for binary in [True, False]:
            response = await client.infer(request(model, binary), headers=metadata)
            assert label(response) == [0, 2], response
    await client.close()


async def main():
    await second()
    await first()
    await grpc()


asyncio.run(main())
