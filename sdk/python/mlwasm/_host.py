"""The seam to the platform: inside a component the real one (`mlwasm_entry`), in a test the fake one (`mlwasm.testing`).

Models are opened and records are left through it. Nothing else in the library knows where it runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Sequence

if TYPE_CHECKING:
    from ._model import TensorSpec
    from ._tensor import Tensor


class ModelHandle(Protocol):
    """A model that the host has loaded."""

    def inputs(self) -> list[TensorSpec]: ...

    def outputs(self) -> list[TensorSpec]: ...

    def infer(self, tensors: Sequence[Tensor]) -> list[Tensor]: ...


class Host(Protocol):
    """What opens models and keeps records."""

    def open_model(self, name: str) -> ModelHandle: ...

    def is_collected(self, name: str) -> bool: ...

    def collect(self, name: str, content_type: str, data: bytes) -> None: ...


class _None:
    def open_model(self, name: str) -> ModelHandle:
        raise RuntimeError(
            "there is no host: in a test, use `mlwasm.testing.FakeHost`; in a scorer, open models in init()"
        )

    def is_collected(self, name: str) -> bool:
        return False

    def collect(self, name: str, content_type: str, data: bytes) -> None:
        pass


_current: Host = _None()


def host() -> Host:
    return _current


def set_host(host: Host | None) -> Host:
    """Sets the host, or removes it, and tells the one before."""
    global _current
    former, _current = _current, host or _None()
    return former
