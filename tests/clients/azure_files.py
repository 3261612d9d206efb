"""Loads an endpoint and a deployment from the folder that standard input names, by Azure's own SDK, and tells what they say."""

import json
import sys
from pathlib import Path

from azure.ai.ml import load_online_deployment, load_online_endpoint

folder = Path(sys.stdin.read())
endpoint = load_online_endpoint(folder / "endpoint.yml")
deployment = load_online_deployment(folder / "deployment.yml")
json.dump(
    {
        "endpoint": [endpoint.name, endpoint.auth_mode, endpoint.traffic, endpoint.tags],
        "deployment": [
            deployment.name,
            deployment.endpoint_name,
            deployment.instance_count,
            deployment.environment_variables,
            deployment.request_settings.max_concurrent_requests_per_instance,
        ],
    },
    sys.stdout,
)
