"""Exceptions as text: for the log with the author's files and lines, for the platform in one line.

A component has no files any more when it runs, so `linecache` is filled at the build with the lines of the author's files.
"""

from __future__ import annotations

import linecache
import sys
import traceback
from types import TracebackType


def remember_sources(folder: str) -> None:
    """Keeps the lines of all modules that were imported from this folder."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if not path or not path.startswith(f"{folder}/"):
            continue
        lines = linecache.getlines(path)
        # Without a time of change the cache never asks the file again, which is not there.
        linecache.cache[path] = (sum(map(len, lines)), None, lines, path)


def describe(error: BaseException, folder: str) -> str:
    """The traceback, causes too, from the author's own functions on."""
    told = traceback.TracebackException.from_exception(error)
    _own_places(told, folder, set())
    return "".join(told.format()).rstrip("\n")


def summarize(error: BaseException, folder: str) -> str:
    """One line with the innermost place: `KeyError: 'data' (score.py:12)`."""
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    place = _innermost(error.__traceback__, folder)
    return f"{text} ({place})" if place else text


def _own_places(told: traceback.TracebackException, folder: str, seen: set[int]) -> None:
    if id(told) in seen:
        return
    seen.add(id(told))
    own = [frame for frame in told.stack if frame.filename.startswith(f"{folder}/")]
    for frame in own:
        frame.filename = frame.filename[len(folder) + 1 :]
    told.stack[:] = own
    for other in (told.__cause__, told.__context__):
        if other is not None:
            _own_places(other, folder, seen)


def _innermost(found: TracebackType | None, folder: str) -> str | None:
    place = None
    while found is not None:
        path = found.tb_frame.f_code.co_filename
        if path.startswith(f"{folder}/"):
            place = f"{path[len(folder) + 1:]}:{found.tb_lineno}"
        found = found.tb_next
    return place
