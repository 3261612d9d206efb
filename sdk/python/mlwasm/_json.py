"""JSON of clients: at most 128 levels, as many as the Rust SDK takes.

Python's parser would recurse deeper, and over the end of the sandbox's stack: a fault that a client can cause.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ._errors import BadRequest

DEPTH = 128

#: A string, whole or cut off, or a bracket.
_MARK = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*|[\[\]{}]', re.DOTALL)


def parse(text: str) -> Any:
    """The value. A mistake is a `BadRequest` with line and column."""
    check_depth(text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise bad_request(error) from None


def bad_request(error: json.JSONDecodeError) -> BadRequest:
    """The mistake, worded for the client."""
    return BadRequest(f"the body is not valid: {error.msg} at line {error.lineno} column {error.colno}")


def check_depth(text: str) -> None:
    """Raises `BadRequest` with the place where a list or an object begins that lies too deep."""
    # Counted natively, since most texts have few.
    if text.count("[") + text.count("{") <= DEPTH:
        return
    depth = 0
    at = 0
    while found := _MARK.search(text, at):
        mark = found[0]
        # The quote that ends a string is not of the match, so that one that is cut off ends with the text.
        at = found.end() + (1 if mark[0] == '"' else 0)
        if mark in "[{":
            depth += 1
        elif mark in "]}":
            depth -= 1
        if depth > DEPTH:
            error = json.JSONDecodeError(f"Expecting at most {DEPTH} levels", text, found.start())
            raise bad_request(error)
