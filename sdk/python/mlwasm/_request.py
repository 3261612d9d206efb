"""What `run` is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Callable
from urllib.parse import parse_qsl

from ._errors import BadRequest


@dataclass
class Request:
    """One scoring request."""

    id: str = ""
    """Its identity, also found in the platform's logs."""
    deployment: str = ""
    """The name of the deployment that this scorer serves."""
    is_mirror: bool = False
    """True for a copy of live traffic, whose answer no client waits for: skip what acts on the outside world."""
    query: str = ""
    """The query of the address, without the question mark, still percent-encoded."""
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    """The headers that the platform lets through, names in lower case; never credentials."""
    content_type: str | None = None
    """The media type of the body, if the client sent one."""
    body: bytes = b""
    """The body, whole."""

    def json(self) -> Any:
        """The body as JSON, whatever the content type says. A mistake is a `BadRequest` with line and column."""
        try:
            return json.loads(self._decoded())
        except json.JSONDecodeError as error:
            place = f"line {error.lineno} column {error.colno}"
            raise BadRequest(f"the body is not valid: {error.msg} at {place}") from None
        except RecursionError:
            raise BadRequest("the body is not valid: too many levels") from None
        except UnicodeDecodeError as error:
            raise BadRequest(f"the body is not valid: {_not_utf8(error)}") from None

    def text(self) -> str:
        """The body as UTF-8. A mistake is a `BadRequest` with the position of the first wrong byte."""
        try:
            return self._decoded()
        except UnicodeDecodeError as error:
            raise BadRequest(f"the body is not text: {_not_utf8(error)}") from None

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        wanted = name.lower()
        value = next((value for found, value in self.headers if found == wanted), None)
        return None if value is None else value.decode("utf-8", "replace")

    def query_params(self) -> list[tuple[str, str]]:
        """The parameters of the query, decoded, in order."""
        return parse_qsl(self.query, keep_blank_values=True)

    def query_param(self, name: str) -> str | None:
        """The first value of a parameter; empty for one without a value."""
        return next((value for found, value in self.query_params() if found == name), None)

    def _decoded(self) -> str:
        return self.body.decode("utf-8")


def _not_utf8(error: UnicodeDecodeError) -> str:
    return f"invalid utf-8 from byte {error.start} on"


def rawdata(run: Callable[[str], Any]) -> Callable[[Request], Any]:
    """For a `run(raw_data)` written for Azure ML: it gets the body as text, as it does there.

    ::

        @rawdata
        def run(raw_data):
            data = json.loads(raw_data)["data"]
    """

    def run_with_text(request: Request) -> Any:
        try:
            return run(request.text())
        except json.JSONDecodeError as error:
            if error.doc != request.text():
                raise
            place = f"line {error.lineno} column {error.colno}"
            raise BadRequest(f"the body is not valid: {error.msg} at {place}") from None

    run_with_text.__name__ = run.__name__
    run_with_text.__doc__ = run.__doc__
    return run_with_text
