"""Tracebacks as the log shows them, without the files that a component has not."""

import importlib.util
import linecache
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

from mlwasm import _faults

HELPER = "def deep(x):\n    return 1 / x\n"
SCORE = """\
import helper

def run(x):
    try:
        helper.deep(x)
    except ZeroDivisionError as error:
        raise KeyError("missing") from error
"""


class Tracebacks(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.addCleanup(linecache.clearcache)
        helper = self._load("helper", HELPER)
        sys.modules["helper"] = helper
        self.score = self._load("score_under_test", SCORE)
        sys.modules["score_under_test"] = self.score
        for name in ("helper", "score_under_test"):
            self.addCleanup(sys.modules.pop, name)

    def _load(self, name: str, text: str):  # type: ignore[no-untyped-def]
        path = Path(self.folder) / f"{name}.py"
        path.write_text(text)
        found = importlib.util.spec_from_file_location(name, path)
        assert found is not None and found.loader is not None
        module = importlib.util.module_from_spec(found)
        sys.dont_write_bytecode = True
        found.loader.exec_module(module)
        return module

    def _fault(self) -> BaseException:
        try:
            self.score.run(0)
        except KeyError as error:
            return error
        raise AssertionError("nothing was raised")

    def test_lines_are_shown_although_the_files_are_gone(self) -> None:
        _faults.remember_sources(self.folder)
        shutil.rmtree(self.folder)

        text = _faults.describe(self._fault(), self.folder)

        self.assertIn('  File "helper.py", line 2, in deep\n    return 1 / x\n', text)
        self.assertIn('  File "score_under_test.py", line 7, in run\n    raise KeyError("missing") from error', text)
        self.assertIn("The above exception was the direct cause of the following exception", text)
        self.assertNotIn("test_faults.py", text)
        self.assertTrue(text.endswith("KeyError: 'missing'"))

    def test_the_short_form_has_the_innermost_place(self) -> None:
        self.assertEqual(_faults.summarize(self._fault(), self.folder), "KeyError: 'missing' (score_under_test.py:7)")

    def test_what_did_not_pass_the_authors_files_has_no_place(self) -> None:
        self.assertEqual(_faults.summarize(MemoryError(), self.folder), "MemoryError")
        noted = ValueError("nan")
        noted.add_note("when serializing")
        self.assertEqual(_faults.summarize(noted, self.folder), "ValueError: nan")


if __name__ == "__main__":
    unittest.main()
