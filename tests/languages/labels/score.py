"""Tells what it finds beside the model."""

from mlwasm import files

told: str


def init() -> None:
    global told
    labels = files.text("labels.txt").split()
    try:
        files.read("nope.txt")
    except FileNotFoundError:
        told = f"{'+'.join(labels)} of {'+'.join(files.names())} in {files.folder()}"


def run(request: object) -> str:
    return told if files.read("vocab/words.json") == b"{}" else "another file"
