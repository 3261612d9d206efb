"""The files beside the models of the deployment: labels, vocabularies.

They lie in one folder that can be read and nothing else; `open` reads them, too. Read them in `init`: a file that is read
for a request keeps that request waiting for the disk, and at the top level, which runs at the build, there is none.
In tests, `mlwasm.testing.FakeHost(files={"labels.txt": "setosa"})` lays them out.
"""

from __future__ import annotations

import os

__all__ = ["folder", "names", "path", "read", "text"]

_VARIABLE = "AZUREML_MODEL_DIR"
_DEFAULT = "/model"


def folder() -> str:
    """The folder of the deployment's files."""
    return os.environ.get(_VARIABLE, _DEFAULT)


def path(name: str) -> str:
    """Where the file of this name is, `labels.txt` or `vocab/words.json`, whether or not there is one."""
    return os.path.join(folder(), name)


def read(name: str) -> bytes:
    """The bytes of a file. Raises `OSError`, such as `FileNotFoundError`."""
    with open(path(name), "rb") as file:
        return file.read()


def text(name: str) -> str:
    """The text of a file, which is UTF-8. Raises `OSError`, or `UnicodeDecodeError`."""
    return read(name).decode()


def names() -> list[str]:
    """The names of all files, those in folders with their folders, by the alphabet. None if the deployment has none."""
    root = folder()
    found = [os.path.join(place, name) for place, _folders, files in os.walk(root) for name in files]
    return sorted(os.path.relpath(one, root) for one in found)
