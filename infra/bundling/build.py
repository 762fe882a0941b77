"""What goes into each function's zip: its own code, what the functions share, and its locked packages.

Each function gets a file `build/<target>/<name>.zip`, made before synth. The same inputs give the same bytes.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Literal

from uv import find_uv_bin

from infra.bundling.archive import write_zip
from infra.bundling.cache import Made, exclusive, fingerprint
from infra.bundling.runtimes import HERE, RUNTIMES, Runtime

FUNCTIONS = ("connect", "disconnect", "message", "generate", "worker")
VERIFIERS = ("connect", "generate")
"""The functions that verify tokens."""
ROOT = Path(__file__).resolve().parents[2]
_RECIPE = (Path(__file__), Path(__file__).with_name("archive.py"))


class BundlingError(Exception):
    """A function's zip cannot be built; the sentence says which, or what failed."""


def build(
    target: Literal["aws", "local"],
    *,
    report: Callable[[str], object],
    functions: Iterable[str] = FUNCTIONS,
    signatures: bool = False,
    root: Path = ROOT,
    into: Path | None = None,
    additions: Mapping[str, Path] = MappingProxyType({}),
    texts: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> dict[str, Path]:
    """Bring every function's zip up to date and return where they are.

    Args:
        signatures: Whether tokens are verified with public keys; without, no function pays for the package
            that does it (docs/decisions/0012).
        additions: Folders whose files go into a function's zip besides its own.
        texts: Files that the settings say, by function and name. Such a zip has a name of its own, since
            another deployment of this machine may say something else at the same time.

    Raises:
        BundlingError: If a lock file is missing, or its packages cannot be installed.
    """
    out = (into or root / "build") / target
    with exclusive(out):
        return {
            name: _zip(
                name,
                RUNTIMES[target],
                _locks(root, name, signatures),
                root=root,
                out=out,
                report=report,
                addition=additions.get(name),
                texts=texts.get(name, {}),
            )
            for name in functions
        }


def _locks(root: Path, name: str, signatures: bool) -> list[Path]:  # noqa: FBT001 - the caller's own word.
    groups = [name, "signatures"] if signatures and name in VERIFIERS else [name]
    locks = [root / "requirements" / f"{group}.txt" for group in groups]
    for lock in locks:
        if not lock.is_file():
            raise BundlingError(f"{lock} is missing: it locks the packages of the function {name}")
    return locks


def _zip(
    name: str,
    runtime: Runtime,
    locks: list[Path],
    *,
    root: Path,
    out: Path,
    report: Callable[[str], object],
    addition: Path | None,
    texts: Mapping[str, str],
) -> Path:
    said = f"-{fingerprint([], json.dumps(dict(texts)))[:12]}" if texts else ""
    packages, archive = out / "packages" / name, out / f"{name}{said}.zip"
    recipe = fingerprint([*locks, *_RECIPE], f"{runtime} {runtime.compiler is not None}")
    sources, added = _sources(root, name), _files(addition)

    def assemble(fresh: Path) -> None:
        _refuse_taken(addition, packages, texts)
        with TemporaryDirectory(dir=out) as code:
            _copy(sources, Path(code), root=root)
            _copy(added, Path(code), root=addition or root)
            _compile(Path(code), runtime, within=Path(code))
            for file, text in texts.items():
                (Path(code) / file).write_text(text, encoding="utf-8")
            write_zip(fresh, [packages, Path(code)], compressed=runtime.compressed)

    Made(packages).once(recipe, lambda fresh: _install(locks, runtime, fresh))
    if Made(archive).once(fingerprint([*sources, *added], recipe), assemble):
        report(f"built the function {name} {_with_bytecode(runtime)}")
    return archive


def _refuse_taken(addition: Path | None, packages: Path, texts: Mapping[str, str]) -> None:
    files = list(addition.iterdir()) if addition else []
    names = {file.stem for file in files}
    if ours := sorted({file.name for file in files} & set(texts)):
        raise BundlingError(f"{addition} has {ours[0]}, which is the name of a file of framestream's own")
    if taken := sorted(names & {package.stem for package in packages.iterdir()}):
        raise BundlingError(f"{addition} has {taken[0]}, which is the name of a package in the same zip")


def _sources(root: Path, name: str) -> list[Path]:
    functions = root / "functions"
    return [functions / "__init__.py", *_files(functions / "shared"), *_files(functions / name)]


def _files(folder: Path | None) -> list[Path]:
    found = folder.rglob("*") if folder else ()
    return sorted(file for file in found if file.is_file() and "__pycache__" not in file.parts)


def _install(locks: list[Path], runtime: Runtime, folder: Path) -> None:
    folder.mkdir()
    install = [find_uv_bin(), "pip", "install", "--quiet", "--python", sys.executable]
    choice = ["--require-hashes", "--only-binary", ":all:", *runtime.wheels]
    wanted = [option for lock in locks for option in ("-r", str(lock))]
    names = " and ".join(lock.name for lock in locks)
    _run([*install, "--target", str(folder), *choice, *wanted], f"install what {names} locks")
    # Programs carry this machine's path in their first line, and RECORD carries their hash.
    shutil.rmtree(folder / "bin", ignore_errors=True)
    for leftover in [folder / ".lock", *folder.glob("*.dist-info/RECORD")]:
        leftover.unlink(missing_ok=True)
    _compile(folder, runtime, within=folder)


def _copy(sources: Iterable[Path], folder: Path, *, root: Path) -> None:
    for source in sources:
        copy = folder / source.relative_to(root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)


def _compile(code: Path, runtime: Runtime, *, within: Path) -> None:
    """Spare every cold start the compiling: Lambda's disk is read-only, so nothing else would keep it."""
    if (compiler := runtime.compiler) is None:
        return
    compileall = [compiler, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    # The order of a set ends up in the bytecode, and depends on the seed.
    environ = {**os.environ, "PYTHONHASHSEED": "0"}
    _run([*compileall, "-s", str(within), str(code)], f"compile {code}", environ=environ)


def _run(command: list[str], purpose: str, *, environ: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environ)  # noqa: S603
    if done.returncode:
        raise BundlingError(f"could not {purpose}:\n{done.stdout}{done.stderr}".rstrip())


def _with_bytecode(runtime: Runtime) -> str:
    if runtime.compiler:
        return "with bytecode"
    theirs, ours = (".".join(map(str, python)) for python in (runtime.python, HERE))
    return f"without bytecode: it will run on Python {theirs}, this is {ours}, and there is no python{theirs}"
