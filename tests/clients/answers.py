"""Holds answers against the API's description.

Reads {"document": ..., "answers": [{"method", "path", "status", "headers", "body"}]} from standard input, where the path is
the document's own, with names in braces, and prints one line for each answer that is not as described.
"""

import json
import sys

import jsonschema_rs


def complaints(document, answer):
    operation = document["paths"].get(answer["path"], {}).get(answer["method"].lower())
    if operation is None:
        yield "it is not described"
        return
    described = operation["responses"].get(str(answer["status"]))
    if described is None:
        yield f"the status {answer['status']} is not described"
        return
    for name, header in described.get("headers", {}).items():
        value = answer["headers"].get(name.lower())
        if value is None:
            if header.get("required"):
                yield f"the header {name} is missing"
            continue
        for error in errors(document, header["schema"], value):
            yield f"the header {name}: {error}"
    contents = described.get("content", {})
    if not contents:
        if answer["body"] is not None:
            yield "it has a body, and none is described"
        return
    media_type = answer["headers"].get("content-type", "").split(";")[0]
    if media_type not in contents:
        yield f"the content type {media_type!r} is not described"
    elif media_type.endswith("json"):
        for error in errors(document, contents[media_type]["schema"], answer["body"]):
            yield error


def errors(document, schema, value):
    # The whole document, so that references are found where they point to.
    whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", "components": document["components"], "allOf": [schema]}
    validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
    for error in validator.iter_errors(value):
        place = "/".join(str(part) for part in error.instance_path)
        yield f"at /{place}: {error.message[:300]}"


def main():
    given = json.load(sys.stdin)
    for answer in given["answers"]:
        for complaint in complaints(given["document"], answer):
            print(f"{answer['method']} {answer['path']}: {complaint}")


main()
