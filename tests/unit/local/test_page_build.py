"""When the page is built, and when not; npm is a script that writes down what it was asked."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from local.demo_page import build as page_build
from local.demo_page import node
from local.demo_page.build import build, is_built, reason

NPM = """#!/bin/sh
case "$*" in
  *"{broken}"*) exit 3 ;;
  *" ci "*) echo "$(basename "$2") install" >> "{said}"; mkdir -p "$2/node_modules" ;;
  *--outDir*) echo "demo build" >> "{said}"; mkdir -p "$8"; echo new > "$8/index.html" ;;
  *) echo "js build" >> "{said}" ;;
esac
"""


class Yard:
    """Two packages with their sources, in a folder of their own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.dist = root / "clients" / "demo" / "dist"
        for name in ("js", "demo"):
            source = root / "clients" / name / "src"
            source.mkdir(parents=True)
            (source / "main.ts").write_text(name)
            (source.parent / "package-lock.json").write_text(name)
        (root / "bin").mkdir()
        self.let_npm_work()

    def let_npm_work(self, *, but: str = "nothing") -> None:
        script = NPM.format(said=self.root / "said", broken=but)
        (self.root / "bin" / "npm").write_text(script)
        (self.root / "bin" / "npm").chmod(0o755)

    def said(self) -> list[str]:
        """What npm was asked since the last time."""
        file = self.root / "said"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines


@pytest.fixture
def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Yard:
    yard = Yard(tmp_path)
    monkeypatch.setattr(page_build, "ROOT", tmp_path)
    monkeypatch.setattr(page_build, "CLIENT", tmp_path / "clients" / "js")
    monkeypatch.setattr(page_build, "DEMO", tmp_path / "clients" / "demo")
    monkeypatch.setattr(page_build, "PAGE", yard.dist)
    monkeypatch.setattr(node, "npm", lambda: str(tmp_path / "bin" / "npm"))
    return yard


def test_all_is_made_in_the_order_in_which_it_is_needed(yard: Yard) -> None:
    assert not is_built()

    build()

    assert yard.said() == ["js install", "demo install", "js build", "demo build"]
    assert (yard.dist / "index.html").read_text() == "new\n"
    assert is_built()


def test_what_has_not_changed_is_not_made_again(yard: Yard) -> None:
    build()
    yard.said()
    (yard.root / "clients" / "js" / "tests").mkdir()
    (yard.root / "clients" / "js" / "tests" / "one.test.ts").write_text("changed")

    build()

    assert yard.said() == []


@pytest.mark.parametrize(
    "file", ["js/src/main.ts", "js/src/more.ts", "demo/index.html", "demo/vite.config.ts"]
)
def test_a_source_that_changed_is_built_again_and_nothing_is_installed(yard: Yard, file: str) -> None:
    build()
    yard.said()
    (yard.root / "clients" / file).write_text("changed")
    assert not is_built()

    build()

    assert yard.said() == ["js build", "demo build"]


def test_packages_are_installed_again_where_the_lock_changed(yard: Yard) -> None:
    build()
    yard.said()
    (yard.root / "clients" / "demo" / "package-lock.json").write_text("changed")

    build()

    assert yard.said() == ["demo install", "js build", "demo build"]


@pytest.mark.parametrize("step", ["demo ci", "demo run"])
def test_a_build_that_fails_leaves_the_page_as_it_was_and_is_tried_again(yard: Yard, step: str) -> None:
    build()
    (yard.dist / "index.html").write_text("old")
    (yard.root / "clients" / "demo" / "package-lock.json").write_text("changed")
    yard.let_npm_work(but=step)

    with pytest.raises(subprocess.CalledProcessError):
        build()

    assert (yard.dist / "index.html").read_text() == "old"
    assert not is_built()
    yard.let_npm_work()
    build()
    assert (yard.dist / "index.html").read_text() == "new\n"


def test_a_page_that_somebody_removed_is_built_again(yard: Yard) -> None:
    build()
    shutil.rmtree(yard.dist)

    assert not is_built()


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("npm error code ECONNREFUSED\nnpm error syscall connect\n", "npm error code ECONNREFUSED"),
        ("building\nerror during build:\nRollupError: x\nnpm error code 1\n", "RollupError: x"),
        ("Killed\n", "Killed"),
        ("", "it said nothing"),
    ],
)
def test_the_reason_is_found_in_what_npm_printed(log: str, sentence: str) -> None:
    assert reason(log) == sentence
