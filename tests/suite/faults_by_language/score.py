"""Fails as `?fault=` says, or in init as the variable `FAULT` does. What follows `fault:` in a comment is the name of that line."""

from mlwasm import Request, env


def init() -> None:
    if env("FAULT") is not None:
        raise RuntimeError("no start")  # fault: init


def run(request: Request) -> str:
    fault = request.query_param("fault")
    if fault == "raise":
        raise ValueError("no such flower")  # fault: raise
    if fault == "key":
        return {"setosa": "0"}["virginica"]  # fault: key
    if fault == "import":
        import no_such_module  # fault: import
    if fault == "nested":
        return inner()
    return "fine"


def inner() -> str:
    return "a" + 1  # fault: nested
