"""Collections: records of what a scorer did between request and answer, kept beside the request's bodies."""

from __future__ import annotations

from typing import Any

from ._host import host
from ._response import Response


class Collection:
    """A collection of records, by its name.

    The deployment's settings say which collections are kept, and of which share of the requests:
    `data_collector.collections.features.enabled`. Records carry the ids of the request that made them. Azure ML's
    `Collector(name="features").collect(data)` is `Collection("features").record(data)`.
    """

    def __init__(self, name: str) -> None:
        """The collection of this name: 1 to 32 letters, digits, `-` or `_`, from a letter to a letter or digit."""
        self.name = name

    @property
    def enabled(self) -> bool:
        """Whether records of this request are kept. Ask before making what is costly. Never so in `init`."""
        return host().is_collected(self.name)

    def record(self, value: Any) -> None:
        """Adds a record: `str` as text, `bytes` as bytes, everything else as JSON. Nothing happens where nothing is kept.

        Raises `CollectionError` if the name is none, or the request has left as many records as one may.
        """
        if self.enabled:
            made = Response.of(value)
            self.record_bytes(made.content_type, made.body)
        else:
            self.record_bytes("application/json", b"")

    def record_bytes(self, content_type: str, data: bytes) -> None:
        """Adds a record of any media type. As `record`."""
        host().collect(self.name, content_type, data)
