"""What the build finds out before componentize-py is asked, and what it makes of its answer."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SDK = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SDK))

import build  # noqa: E402


class Imports(unittest.TestCase):
    def test_what_functions_import_is_imported_at_the_build_through_local_files_too(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "score.py").write_text("import helper\nimport json\ndef run(r):\n    import csv\n    from xml.etree import ElementTree\n")
            (root / "helper.py").write_text("def f():\n    import zlib\n    from . import no\n")
            (root / "vendor").mkdir()

            names = build.named_modules(root / "score.py", [root, root / "vendor"])

        self.assertEqual(names, {"csv", "xml.etree", "xml.etree.ElementTree", "zlib"})

    def test_the_entry_goes_on_where_a_module_is_not_there(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "predict.py"
            source.write_text("def run(r):\n    import nowhere\n")
            text = build.entry(source, [Path(folder)])

        self.assertEqual(text, "import predict as scorer\ntry:\n    import nowhere\nexcept ImportError:\n    pass\n")


class Messages(unittest.TestCase):
    def run_build(self, name: str, text: str, *more: str) -> subprocess.CompletedProcess:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / name).write_text(text)
            command = [sys.executable, str(SDK / "build.py"), "--project", folder, "--source", name, "--output", f"{folder}/x.wasm", *more]
            return subprocess.run(command, capture_output=True, text=True, check=False)

    def test_mistakes_are_told_with_their_place_at_once(self) -> None:
        cases = [
            ("score.py", "def run(:\n", "score.py:1:9: invalid syntax"),
            ("score.py", "\nasync def run(r): ...\n", "score.py:2: run is async"),
            ("mlwasm.py", "", "mlwasm.py: call it another name"),
            ("my-score.py", "", "my-score.py: call it another name"),
        ]
        for name, text, message in cases:
            with self.subTest(message):
                done = self.run_build(name, text)
                self.assertEqual(done.returncode, 1)
                self.assertTrue(done.stderr.startswith(message), done.stderr)

    def test_a_file_that_is_not_there_is_named(self) -> None:
        done = self.run_build("score.py", "", "--source", "other.py")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith("other.py: there is no such file in"), done.stderr)

    def test_a_traceback_of_the_build_has_the_projects_paths(self) -> None:
        output = (
            'Traceback (most recent call last):\n  File "/usr/bin/componentize-py", line 8, in <module>\n    sys.exit(script())\n'
            "AssertionError: Traceback (most recent call last):\n"
            '  File "/1/mlwasm_entry.py", line 3, in <module>\n    import score\n'
            '  File "/0/score.py", line 2, in <module>\n    X = 1 / 0\n        ~~^~~\nZeroDivisionError: no\n\nStack backtrace:\n  0: x'
        )
        text = build.worded(output, [Path("/project"), SDK], Path("/project"))
        self.assertEqual(
            text.splitlines()[:-1],
            [
                "Traceback (most recent call last):",
                '  File "score.py", line 2, in <module>',
                "    X = 1 / 0",
                "        ~~^~~",
                "ZeroDivisionError: no",
            ],
        )
        self.assertIn("use init()", text.splitlines()[-1])

    def test_what_is_no_traceback_is_told_as_it_is(self) -> None:
        self.assertEqual(build.worded("error: no world\n", [], Path("/")), "error: no world")


if __name__ == "__main__":
    unittest.main()
