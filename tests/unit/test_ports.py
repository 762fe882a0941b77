"""Where ports are declared: once for each folder (docs/decisions/0041)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "functions").rglob("*.py"))
PORTS = {path for path in FILES if path.name == "ports.py"} | {ROOT / "functions" / "worker" / "model.py"}


def protocols_in(path: Path) -> list[str]:
    classes = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)]
    return [one.name for one in classes if any(ast.unparse(base) == "Protocol" for base in one.bases)]


@pytest.mark.parametrize(
    "path", [path for path in FILES if path not in PORTS], ids=lambda path: str(path.relative_to(ROOT))
)
def test_ports_are_declared_where_a_folder_has_its_ports(path: Path) -> None:
    assert protocols_in(path) == []


@pytest.mark.parametrize("path", sorted(PORTS), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_folder_has_a_port_of_a_name_once(path: Path) -> None:
    names = protocols_in(path)

    assert names
    assert len(names) == len(set(names))
