"""What is in the zips, and when they are built."""

import re
import stat
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from infra.bundling.build import FUNCTIONS, ROOT, BundlingError, build
from infra.bundling.runtimes import RUNTIMES, Runtime

AARCH64 = 0xB7
IN_LAMBDA_ALREADY = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six.py")


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what Lambda's Python brings along, and nothing else."""
    folder = tmp_path_factory.mktemp("runtime")
    installed = Path(sys.executable).parent.parent.glob("lib/python*/site-packages")
    site_packages = next(installed)
    for name in IN_LAMBDA_ALREADY:
        (folder / name).symlink_to(site_packages / name)
    return folder


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_zip_imports_alone_and_without_an_environment(
    name: str, built_for_local: Mapping[str, Path], runtime: Path
) -> None:
    folder = built_for_local[name]
    program = (
        f"import sys; sys.path = [{str(folder)!r}, *sys.path, {str(runtime)!r}]\n"
        f"import functions.{name}.handler as module\n"
        "assert callable(module.handler)"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False, env={}
    )

    assert done.stderr == ""
    assert done.returncode == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_zip_holds_its_own_function_and_what_is_shared(
    name: str, built_for_aws: Mapping[str, Path]
) -> None:
    inside = {path.name for path in (built_for_aws[name] / "functions").iterdir()}

    assert inside == {"__init__.py", "shared", name}


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"worker"}))
def test_only_the_worker_carries_an_http_client(name: str, built_for_aws: Mapping[str, Path]) -> None:
    assert not (built_for_aws[name] / "aiohttp").exists()
    assert (built_for_aws["worker"] / "aiohttp").is_dir()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_zip_carries_what_lambda_brings(name: str, built_for_aws: Mapping[str, Path]) -> None:
    assert not (built_for_aws[name] / "boto3").exists()
    assert not (built_for_aws[name] / "botocore").exists()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_zips_for_aws_hold_machine_code_for_arm_and_python_3_14(
    name: str, built_for_aws: Mapping[str, Path]
) -> None:
    for library in built_for_aws[name].rglob("*.so"):
        header = library.read_bytes()[:20]
        assert header[:4] == b"\x7fELF"
        assert struct.unpack("<H", header[18:20])[0] == AARCH64, library
        assert re.search(r"\.(cpython-314-aarch64-linux-gnu|abi3)\.so$", library.name), library


def test_there_is_machine_code_to_look_at(built_for_aws: Mapping[str, Path]) -> None:
    assert list(built_for_aws["worker"].rglob("*.so"))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_wheels_for_aws_are_pure_or_for_arm(name: str, built_for_aws: Mapping[str, Path]) -> None:
    wheels = list(built_for_aws[name].glob("*.dist-info/WHEEL"))

    assert wheels
    for wheel in wheels:
        tags = re.findall(r"^Tag: (.+)$", wheel.read_text(), re.MULTILINE)
        assert all(tag.endswith(("-any", "_aarch64")) for tag in tags), wheel


def test_bytecode_is_shipped_when_this_python_is_the_runtimes(built_for_local: Mapping[str, Path]) -> None:
    for source in (built_for_local["connect"] / "functions").rglob("*.py"):
        compiled = source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
        flags = int.from_bytes(compiled.read_bytes()[4:8], "little")
        assert flags == 0b01, "hashed, and not checked again"


@pytest.mark.skipif(
    RUNTIMES["aws"].compiler is not None, reason="There is a Python of the runtime's version."
)
def test_no_bytecode_is_shipped_that_the_runtime_cannot_read(built_for_aws: Mapping[str, Path]) -> None:
    assert not list(built_for_aws["connect"].rglob("*.pyc"))


def a_python(folder: Path, *, works: bool) -> None:
    """Put a program there that stands for a Python which this is not."""
    program = folder / "python9.9"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n' if works else "#!/bin/sh\nexit 127\n")
    program.chmod(0o755)


@pytest.mark.parametrize("works", [True, False])
def test_another_python_compiles_if_it_is_the_runtimes_and_works(
    *, works: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Runtime(python=(9, 9), compressed=False)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert other.compiler is None

    a_python(tmp_path, works=works)

    assert other.compiler == (str(tmp_path / "python9.9") if works else None)


def test_a_python_that_came_later_compiles_what_was_built_without(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RUNTIMES, "local", Runtime(python=(9, 9), compressed=False))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    says(project)
    assert not any(name.endswith(".pyc") for name in ZipFile(zip_of(project)).namelist())

    a_python(tmp_path, works=True)

    says(project)
    assert any(name.endswith(".pyc") for name in ZipFile(zip_of(project)).namelist())


@pytest.mark.slow
@pytest.mark.parametrize("target", ["aws", "local"])
def test_the_same_inputs_give_the_same_bytes(target: Literal["aws", "local"], tmp_path: Path) -> None:
    first = build(target, report=print, functions=["connect"], into=tmp_path / "one")["connect"]
    second = build(target, report=print, functions=["connect"], into=tmp_path / "another")["connect"]

    assert first.read_bytes() == second.read_bytes()


def test_a_zip_is_sorted_timeless_and_readable_by_every_user(project: Path) -> None:
    says(project)

    entries = ZipFile(zip_of(project)).infolist()

    names = [entry.filename for entry in entries]
    assert names == sorted(names)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {stat.filemode(entry.external_attr >> 16) for entry in entries} == {"-rw-r--r--"}


def test_only_what_travels_far_is_compressed(zips_for_aws: Mapping[str, Path], project: Path) -> None:
    says(project)

    assert {entry.compress_type for entry in ZipFile(zips_for_aws["message"]).infolist()} == {ZIP_DEFLATED}
    assert {entry.compress_type for entry in ZipFile(zip_of(project)).infolist()} == {ZIP_STORED}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_zip_is_small_enough_to_be_deployed(name: str, zips_for_aws: Mapping[str, Path]) -> None:
    # Lambda takes 250 MB unpacked; a zip is unpacked in every cold start, so far less is wanted.
    assert sum(entry.file_size for entry in ZipFile(zips_for_aws[name]).infolist()) < 50_000_000


def test_nothing_is_built_again_until_something_changes(project: Path) -> None:
    assert says(project) == ["message"]
    assert says(project) == []

    (project / "functions" / "message" / "more.py").write_text("ANSWER = 42\n")

    assert says(project) == ["message"]
    assert "functions/message/more.py" in ZipFile(zip_of(project)).namelist()


def test_what_is_gone_from_the_sources_is_gone_from_the_zip(project: Path) -> None:
    extra = project / "functions" / "shared" / "extra.py"
    extra.write_text("")
    says(project)
    extra.unlink()

    says(project)

    assert "functions/shared/extra.py" not in ZipFile(zip_of(project)).namelist()


def test_a_failed_build_leaves_the_last_good_one(project: Path) -> None:
    says(project)
    (project / "functions" / "message" / "broken.py").write_text("def\n")

    with pytest.raises(BundlingError, match=r"could not compile[\s\S]+SyntaxError"):
        says(project)

    assert "functions/__init__.py" in ZipFile(zip_of(project)).namelist()


def test_what_a_killed_build_left_is_in_nobodys_way(project: Path) -> None:
    half = zip_of(project).with_name("message.zip.new")
    half.parent.mkdir(parents=True)
    half.write_text("half")

    assert says(project) == ["message"]


def test_a_package_without_a_hash_is_refused(project: Path) -> None:
    (project / "requirements" / "message.txt").write_text("pyjwt==2.15.1\n")

    with pytest.raises(BundlingError, match=r"could not install what message.txt locks:[\s\S]+hash"):
        says(project)


def test_a_missing_lock_file_is_named(project: Path) -> None:
    (project / "requirements" / "message.txt").unlink()

    with pytest.raises(BundlingError, match=r"message.txt is missing: it locks the packages of the function"):
        says(project)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one small function that has no packages."""
    for part in ("shared", "message"):
        (tmp_path / "functions" / part).mkdir(parents=True)
        (tmp_path / "functions" / part / "__init__.py").touch()
    (tmp_path / "functions" / "__init__.py").touch()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "message.txt").write_text("# Nothing.\n")
    return tmp_path


def says(project: Path) -> list[str]:
    """Build, and return the names of the functions that were built."""
    lines: list[str] = []
    build("local", report=lines.append, functions=["message"], root=project)
    return [line.split()[3] for line in lines]


def zip_of(project: Path) -> Path:
    return project / "build" / "local" / "message.zip"


def test_every_function_in_the_repository_is_built() -> None:
    parts = {path.name for path in (ROOT / "functions").iterdir() if path.is_dir()}

    assert parts - {"__pycache__", "shared"} == set(FUNCTIONS)
