"""Makes a component of a scorer in Python: `python3 build.py --help` says how it is called.

The work is done by componentize-py, which runs the author's file once, in WebAssembly, and keeps the memory. What was not
imported then can not be imported later: there are no files any more. So imports that stand inside functions are
looked for here, and done at the build.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SDK = Path(__file__).resolve().parent
VERSION = "0.25.1"
INSTALL = f"install it with `python3 -m pip install componentize-py=={VERSION}`"
#: Modules that componentize-py or this SDK makes.
TAKEN = {"mlwasm", "mlwasm_entry", "mlwasm_source", "wit_world", "componentize_py_types", "componentize_py_runtime"}

#: Those that the platform calls.
FUNCTIONS = ("init", "run", "describe", "infer")


class Failure(Exception):
    """What went wrong, for whoever runs the build."""


def main() -> int:
    options = parse()
    try:
        build(options)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Makes a component of a scorer in Python.")
    parser.add_argument("--project", type=Path, default=Path("."), help="the project's folder")
    parser.add_argument("--source", type=Path, required=True, help="the file with init and run, relative to the project")
    parser.add_argument("--wit", type=Path, default=SDK / "wit", help="the folder with the files of mlwasm:scoring")
    parser.add_argument("--world", default="scoring", choices=("scoring", "tensor-scoring"), help="which of its worlds the scorer is for")
    parser.add_argument("--output", type=Path, required=True, help="where the component goes")
    parser.add_argument("--tool", help="componentize-py, if it is not found by itself")
    parser.add_argument("--flag", action="append", default=[], help="a further argument for componentize-py: --flag=--foo")
    return parser.parse_args()


def build(options: argparse.Namespace) -> None:
    project = options.project.resolve()
    source = project / options.source
    if not source.is_file():
        raise Failure(f"{options.source}: there is no such file in {project}")
    if source.suffix != ".py" or not source.stem.isidentifier() or source.stem in TAKEN:
        raise Failure(f"{options.source}: call it another name, such as score.py: it is imported as a module")
    check(options.source, source)
    tool = find_tool(options.tool, project)
    roots = [folder for folder in (source.parent, project / "vendor") if folder.is_dir()]
    with tempfile.TemporaryDirectory(prefix="mlwasm-build-") as folder:
        (Path(folder) / "mlwasm_source.py").write_text(entry(source, roots))
        output = options.output.resolve()
        output.parent.mkdir(parents=True, exist_ok=True)
        where = [*roots, SDK, Path(folder)]
        componentize([tool, "-q", "-d", str(options.wit.resolve()), "-w", options.world, "componentize", *options.flag], where, output, project)


def check(shown: Path, source: Path) -> None:
    """Finds in a moment what componentize-py would find after ten seconds."""
    try:
        tree = ast.parse(source.read_bytes(), filename=str(shown))
    except SyntaxError as error:
        raise Failure(f"{shown}:{error.lineno}:{error.offset}: {error.msg}") from None
    runs = [node for node in tree.body if isinstance(node, ast.AsyncFunctionDef) and node.name in FUNCTIONS]
    if runs:
        raise Failure(f"{shown}:{runs[0].lineno}: {runs[0].name} is async: a scorer has nothing to wait for, write `def`")


def find_tool(given: str | None, project: Path) -> str:
    """The project's own, that of the Python which runs this, or the one on the path."""
    places = [project / ".venv/bin", Path(sys.executable).parent]
    search = os.pathsep.join([*map(str, places), os.environ.get("PATH", "")])
    tool = given or shutil.which("componentize-py", path=search)
    if tool is None:
        raise Failure(f"componentize-py is missing: {INSTALL}")
    told = subprocess.run([tool, "--version"], capture_output=True, text=True, check=False).stdout.split()
    if not told or told[-1] != VERSION:
        found = told[-1] if told else "of no version"
        print(f"note: componentize-py is {found}, this SDK was tried with {VERSION}: {INSTALL}", file=sys.stderr)
    return tool


def entry(source: Path, roots: list[Path]) -> str:
    """The module that the SDK asks for the author's."""
    lines = [f"import {source.stem} as scorer"]
    for name in sorted(named_modules(source, roots)):
        lines += ["try:", f"    import {name}", "except ImportError:", "    pass"]
    return "\n".join(lines) + "\n"


def named_modules(source: Path, roots: list[Path]) -> set[str]:
    """All modules that the author's files import anywhere, inside functions too."""
    names: set[str] = set()
    open_files, seen = [source], {source}
    while open_files:
        try:
            tree = ast.parse(open_files.pop().read_bytes())
        except SyntaxError:
            continue  # A template of a vendored package; its import would fail, and say so.
        for name in imports_inside_functions(tree):
            names.add(name)
        for name in all_imports(tree):
            for found in files_of(name, roots):
                if found not in seen:
                    seen.add(found)
                    open_files.append(found)
    return {name for name in names if all(part.isidentifier() for part in name.split("."))}


def all_imports(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*")}
    return names


def imports_inside_functions(tree: ast.AST) -> set[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return set().union(*(all_imports(function) for function in functions)) if functions else set()


def files_of(name: str, roots: list[Path]) -> list[Path]:
    path = Path(*name.split("."))
    candidates = [root / tail for root in roots for tail in (path.with_suffix(".py"), path / "__init__.py")]
    return [candidate for candidate in candidates if candidate.is_file()]


def componentize(command: list[str], roots: list[Path], output: Path, project: Path) -> None:
    # A virtual environment's packages are those of the developer, not of the scorer: they are never taken.
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    for root in roots:
        command = [*command, "-p", str(root)]
    command = [*command, "mlwasm_entry", "-o", str(output)]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(worded(done.stdout + done.stderr, roots, project))
    notes = "\n".join(line for line in done.stderr.splitlines() if line.strip())
    if notes:
        print(notes, file=sys.stderr)


def worded(output: str, roots: list[Path], project: Path) -> str:
    """The author's part of a failed build: the traceback, with paths as the project has them."""
    told = output.rsplit("AssertionError: ", 1)[-1]
    if "Traceback (most recent call last):" not in told:
        return output.strip()
    told = re.split(r"\n\s*\n(?!The above|During)|\nCaused by|\nStack backtrace", told)[0]
    kept = [line for frame in frames(told) for line in shown(frame, roots, project)]
    if not any(line.startswith("  File ") for line in kept):
        kept = [line for line in kept if not line.startswith("Traceback ")]
    return "\n".join([*kept, *hint(kept)])


def frames(told: str) -> list[list[str]]:
    """The lines of a traceback, those of one frame together."""
    parts: list[list[str]] = []
    for line in told.splitlines():
        belongs = line.startswith("    ") and parts and parts[-1][0].startswith("  File ")
        if belongs:
            parts[-1].append(line)
        else:
            parts.append([line])
    return parts


def shown(frame: list[str], roots: list[Path], project: Path) -> list[str]:
    """A frame with its path within the project; nothing of one that lies elsewhere."""
    found = re.match(r'  File "/(\d+)/([^"]+)"(.*)', frame[0])
    if not found:
        return [] if frame[0].startswith('  File "') else frame
    number = int(found[1])
    path = roots[number] / found[2] if number < len(roots) else Path("/")
    if not path.is_relative_to(project) or path.is_relative_to(SDK):
        return []
    return [f'  File "{path.relative_to(project)}"{found[3]}', *frame[1:]]


def hint(kept: list[str]) -> list[str]:
    last = kept[-1] if kept else ""
    if last.startswith(("ModuleNotFoundError", "ImportError")):
        return ["hint: pure-Python packages go into vendor/: python3 -m pip install --target vendor NAME"]
    if any(line.startswith("  File ") for line in kept):
        return ["hint: the top level of a file runs at the build, without models, files and settings: use init()"]
    return []


if __name__ == "__main__":
    sys.exit(main())
