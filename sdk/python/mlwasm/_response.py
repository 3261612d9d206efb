"""What `run` answers."""

from __future__ import annotations

import json
from array import array
from typing import Any, Mapping

_BYTES = (bytes, bytearray, memoryview)


class Response:
    """One answer."""

    def __init__(
        self,
        body: str | bytes | bytearray | memoryview,
        *,
        status: int = 200,
        content_type: str | None = None,
        headers: Mapping[str, str | bytes] | None = None,
    ) -> None:
        """An answer of text or bytes. The content type follows from which of them it is, unless it is given.

        Raises `ValueError` if the status is not from 200 to 599.
        """
        if not isinstance(body, (str, *_BYTES)):
            raise TypeError(f"a body is str or bytes, not {type(body).__name__}: use Response.json for values")
        if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
            raise ValueError(f"status {status!r}, expected 200 to 599")
        is_text = isinstance(body, str)
        self.status = status
        self.content_type = content_type or ("text/plain; charset=utf-8" if is_text else "application/octet-stream")
        self.body = body.encode() if isinstance(body, str) else bytes(body)
        self.headers = [(name.lower(), _header(value)) for name, value in (headers or {}).items()]

    @classmethod
    def json(
        cls,
        value: Any,
        *,
        status: int = 200,
        content_type: str = "application/json",
        headers: Mapping[str, str | bytes] | None = None,
    ) -> Response:
        """An answer in JSON. Raises `TypeError` or `ValueError` for what JSON has not: NaN and infinities too."""
        body = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
        return cls(body, status=status, content_type=content_type, headers=headers)

    @classmethod
    def of(cls, returned: Any) -> Response:
        """What a scorer returned, as an answer: a `Response` as it is, text as text, bytes as bytes, all else as JSON."""
        if isinstance(returned, Response):
            return returned
        if isinstance(returned, (str, *_BYTES)):
            return cls(returned)
        return cls.json(returned)


def _header(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


def _plain(value: Any) -> Any:
    if isinstance(value, (array, set, frozenset, memoryview)):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON: return dict, list, str, int, float, bool or None")
