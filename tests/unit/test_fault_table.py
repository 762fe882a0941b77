"""docs/faults.md and the tests' markers name the same cases and the same tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def marked() -> dict[int, set[str]]:
    """Which tests carry which case's number."""
    found: dict[int, set[str]] = {}
    for path in (ROOT / "tests").rglob("test_*.py"):
        text = path.read_text()
        for node in ast.walk(ast.parse(text)) if "pytest.mark.fault" in text else ():
            for decorator in getattr(node, "decorator_list", []):
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.fault":
                    for number in decorator.args:
                        found.setdefault(int(ast.literal_eval(number)), set()).add(getattr(node, "name", ""))
    return found


def test_the_table_of_faults_is_true() -> None:
    rows = re.findall(
        r"^\| (\d+)\. [^|]+\| (.+) \|$", (ROOT / "docs" / "faults.md").read_text(), re.MULTILINE
    )
    tests = marked()

    assert {int(number) for number, _ in rows} == set(tests)
    for number, cell in rows:
        assert set(re.findall(r"` (test_\w+)", cell)) <= tests[int(number)], number
