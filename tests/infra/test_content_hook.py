"""A deployment's own function: which ones are taken, and what goes into the worker's zip."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.app import zips_of
from infra.bundling.build import FUNCTIONS, ROOT, BundlingError, build
from infra.bundling.content_hook import added_files
from infra.config.fields import Config, ConfigError
from tests.infra.templates import LOCAL, Synthesize, environment_of

GOOD = "async def check(content):\n    return None\n"


def config(**settings: str) -> Config:
    return Config.from_context({"framestream": settings})


def folder_with(tmp_path: Path, code: str, name: str = "policy.py") -> str:
    (tmp_path / name).write_text(code)
    return str(tmp_path)


def test_without_a_function_no_zip_gets_more() -> None:
    assert added_files(config()) == {}


@pytest.mark.parametrize(
    "code",
    [
        GOOD,
        "def check(content): ...\n",
        "def check(content, strict=True): ...\n",
        "class Check:\n    async def __call__(self, content): ...\ncheck = Check()\n",
        "import functions.worker.content_hook as hook\ndef check(content: hook.Content): return hook.STOP\n",
    ],
    ids=["async", "plain", "with a default", "an object", "typed"],
)
def test_a_function_of_one_content_is_taken(tmp_path: Path, code: str) -> None:
    path = folder_with(tmp_path, code)

    assert added_files(config(content_hook="policy:check", content_hook_path=path)) == {"worker": tmp_path}


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import no_such_package\n", "cannot be imported (ModuleNotFoundError: No module named 'no_such"),
        ("def check(:\n", "cannot be imported (SyntaxError"),
        ("def chekc(content): ...\n", "cannot be imported (AttributeError"),
        ("check = 1\n", "it is no function"),
        ("def check(): ...\n", "it must take one argument, a Content, and it takes ()"),
        ("def check(text, user): ...\n", "it must take one argument, a Content, and it takes (text, user)"),
        ("def check(*, content): ...\n", "it must take one argument, a Content, and it takes (*, content)"),
        ("raise SystemExit\n", "it ends the program when it is imported"),
    ],
)
def test_what_could_not_be_called_is_refused_with_the_reason(tmp_path: Path, code: str, why: str) -> None:
    path = folder_with(tmp_path, code)

    with pytest.raises(ConfigError) as refused:
        added_files(config(content_hook="policy:check", content_hook_path=path))

    assert str(refused.value).startswith("framestream.content_hook is 'policy:check', but ")
    assert why in str(refused.value)


def test_a_folder_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="content_hook_path is 'no/such', but there is no such folder"):
        added_files(config(content_hook="policy:check", content_hook_path="no/such"))


@pytest.mark.parametrize("name", ["json.py", "functions.py"])
def test_a_module_that_would_take_anothers_place_is_refused(tmp_path: Path, name: str) -> None:
    folder_with(tmp_path, "")
    path = folder_with(tmp_path, GOOD, name)

    with pytest.raises(ConfigError, match="would take the place of a module of that name"):
        added_files(config(content_hook="policy:check", content_hook_path=path))


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"content_hook": "policy:check"}, "content_hook_path must name the folder of its module"),
        ({"content_hook_path": "examples"}, "without content_hook, which names a function, it must be empty"),
        ({"content_hook": "policy.check", "content_hook_path": "x"}, "a module and a function of it"),
    ],
)
def test_half_a_setting_is_refused(settings: dict[str, str], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        config(**settings)


def test_its_files_go_into_the_workers_zip_and_change_it(tmp_path: Path) -> None:
    project, hook = tmp_path / "project", tmp_path / "hook"
    for part in ("shared", "worker"):
        (project / "functions" / part).mkdir(parents=True)
    (project / "functions" / "__init__.py").touch()
    (project / "requirements").mkdir()
    (project / "requirements" / "worker.txt").write_text("# Nothing.\n")
    (hook / "lists").mkdir(parents=True)
    (hook / "lists" / "words.txt").write_text("otter\n")
    folder_with(hook, GOOD)
    built: list[str] = []

    def zipped() -> Path:
        additions = {"worker": hook}
        made = build("local", report=built.append, functions=["worker"], root=project, additions=additions)
        return made["worker"]

    assert {"policy.py", "lists/words.txt"} <= set(ZipFile(zipped()).namelist())
    zipped()
    assert len(built) == 1
    (hook / "lists" / "words.txt").write_text("seal\n")
    assert ZipFile(zipped()).read("lists/words.txt") == b"seal\n"

    (project / "build/local/packages/worker/policy").mkdir()
    (hook / "lists" / "words.txt").write_text("walrus\n")
    with pytest.raises(BundlingError, match="policy, which is the name of a package"):
        zipped()


def test_a_deployment_with_a_function_has_its_module_in_the_workers_zip_alone(tmp_path: Path) -> None:
    """The whole way from the settings to the zips that the stack deploys; their packages matter elsewhere."""
    for part in ("shared", *FUNCTIONS):
        (tmp_path / "functions" / part).mkdir(parents=True)
    (tmp_path / "functions" / "__init__.py").touch()
    (tmp_path / "requirements").mkdir()
    for lock in (*FUNCTIONS, "signatures"):
        (tmp_path / "requirements" / f"{lock}.txt").touch()
    (tmp_path / "policies").mkdir()
    folder_with(tmp_path / "policies", GOOD)

    def holders(**settings: str) -> list[str]:
        zips = zips_of(config(**LOCAL, **settings), root=tmp_path)
        return [name for name, file in zips.items() if "policy.py" in ZipFile(file).namelist()]

    assert holders(content_hook="policy:check", content_hook_path="policies") == ["worker"]
    assert holders() == []


def test_the_worker_is_told_its_name_and_the_folder_stays_here(synthesize: Synthesize) -> None:
    template = synthesize(content_hook="policy:check", content_hook_path="examples/content_hook")

    environment = environment_of(template, "worker")
    assert environment["CONTENT_HOOK"] == "policy:check"
    assert "CONTENT_HOOK_PATH" not in environment
    assert "CONTENT_HOOK" not in environment_of(synthesize(), "worker")


def test_the_example_is_taken() -> None:
    given = config(content_hook="policy:check", content_hook_path="examples/content_hook")

    assert added_files(given) == {"worker": ROOT / "examples/content_hook"}


def test_without_a_function_a_worker_imports_nothing_of_it() -> None:
    program = (
        "import functions.worker.handler, sys\n"
        "sys.exit(any(name in sys.modules for name in "
        "('functions.worker.content_checks', 'functions.worker.checked_model')))"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=ROOT).returncode == 0
