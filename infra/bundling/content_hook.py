"""Checks a deployment's own function before it is deployed: it is there, and takes what it will be given."""

import subprocess
import sys
from pathlib import Path

from infra.bundling.build import ROOT, BundlingError
from infra.config.fields import Config, ConfigError

CHECK = """
import importlib, inspect, sys
sys.path[:0] = sys.argv[2:]
module, _, name = sys.argv[1].partition(":")
try:
    function = getattr(importlib.import_module(module), name)
except SystemExit:
    sys.exit("it ends the program when it is imported")
except Exception as error:
    sys.exit(f"it cannot be imported ({type(error).__name__}: {error})")
if not callable(function):
    sys.exit("it is no function")
try:
    inspect.signature(function).bind(object())
except TypeError:
    sys.exit(f"it must take one argument, a Content, and it takes {inspect.signature(function)}")
"""
SECONDS = 60


def added_files(config: Config, *, root: Path = ROOT) -> dict[str, Path]:
    """Return the folders that the settings add to functions' zips, once their function is known to work.

    Raises:
        ConfigError: If it does not: it is not there, takes other arguments, or hides something of ours.
    """
    if not config.content_hook:
        return {}
    folder = (root / config.content_hook_path).resolve()
    if not folder.is_dir():
        raise _refused("content_hook_path", config.content_hook_path, "there is no such folder")
    taken = sorted({file.stem for file in folder.iterdir()} & {*sys.stdlib_module_names, "functions"})
    if taken:
        why = f"{taken[0]} in it would take the place of a module of that name: give it another one"
        raise _refused("content_hook_path", config.content_hook_path, why)
    # In a process of its own: what it imports and does is not the deployment's business.
    command = [sys.executable, "-c", CHECK, config.content_hook, str(folder), str(root)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise BundlingError(f"importing {config.content_hook} took more than {SECONDS} seconds") from error
    if done.returncode:
        raise _refused("content_hook", config.content_hook, done.stderr.strip().splitlines()[-1])
    return {"worker": folder}


def _refused(setting: str, value: str, why: str) -> ConfigError:
    return ConfigError(f"framestream.{setting} is {value!r}, but {why}")
