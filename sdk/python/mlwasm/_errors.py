"""The errors that a scorer meets or raises."""

from __future__ import annotations


class BadRequest(Exception):
    """The client's mistake, worded for the client: status 400."""


class InferenceError(Exception):
    """A model could not be opened or run. `kind` is "unknown-model", "invalid-input" or "failed"."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class TensorError(ValueError):
    """Values do not fill a tensor's shape, or do not fit its elements; or it is read as what it does not hold."""


class CollectionError(Exception):
    """A record was not taken, by the scorer's own mistake. `kind` is "invalid" (name or media type) or "too-many"."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
