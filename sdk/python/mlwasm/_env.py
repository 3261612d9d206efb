"""The deployment's environment variables and secrets."""

from __future__ import annotations

import os
from typing import overload


@overload
def env(name: str) -> str | None: ...
@overload
def env(name: str, default: str) -> str: ...
def env(name: str, default: str | None = None) -> str | None:
    """The value of a variable, else `default`. The same as `os.environ.get`.

    Ask in `init` or `run`: the top level of a file runs once, at the build, where no deployment is known.
    """
    return os.environ.get(name, default)
