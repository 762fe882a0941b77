"""What all commands have in common: which deployment is meant, how output looks, and what errors say."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.errors import FramestreamError, SettingsError
from local.errors import LocalError
from tools.advice import advice
from tools.deployment import LOCAL, Deployment, session_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import boto3


class Impossible(FramestreamError):
    """What was asked cannot be done; the sentence says why, and what to do."""


INTERRUPTED = 130  # What a shell expects of a program that Ctrl-C ended.


def parser_for(
    command: str, purpose: str | None, *, parents: Sequence[argparse.ArgumentParser] = ()
) -> argparse.ArgumentParser:
    """Make the parser of a command."""
    return argparse.ArgumentParser(
        prog=f"python -m tools {command}",
        description=purpose,
        parents=parents,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def common_options() -> argparse.ArgumentParser:
    """Return a parent parser with the options that every command has which looks at a deployment."""
    parser = argparse.ArgumentParser(add_help=False)
    which = parser.add_argument_group("which deployment (one of these)")
    which.add_argument("--stack", metavar="NAME", help="a CloudFormation stack, usually framestream")
    which.add_argument(
        "--local", nargs="?", const=LOCAL, type=Path, metavar="DIR", help=f"the local system ({LOCAL})"
    )
    which.add_argument("--profile", metavar="NAME", help="with --stack: a profile of the AWS configuration")
    which.add_argument(
        "--region", metavar="NAME", help="with --stack: its Region, unless the profile says it"
    )
    parser.add_argument("--json", action="store_true", help="write JSON, for programs")
    return parser


def deployment_of(options: argparse.Namespace) -> Deployment:
    """Return the deployment that the common options name.

    Raises:
        SettingsError: If they do not name exactly one, or no stack that is there.
        NotRunning: If the local system is meant, and is not up.
    """
    if (options.stack is None) == (options.local is None):
        raise SettingsError("Say which deployment is meant: --stack NAME, or --local.")
    if options.local is not None:
        if options.profile or options.region:
            raise SettingsError("--profile and --region belong to --stack; the local system has neither.")
        return Deployment.of_local(options.local)
    return Deployment.of_stack(options.stack, session(options))


def session(options: argparse.Namespace) -> boto3.Session:
    """Open the session that the common options ask for."""
    return session_of(profile=options.profile, region=options.region)


def run(parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """Call `run(options)` of the subcommand that is asked for.

    Returns 0, or 1 if it returned false or failed; what failed is said in a sentence.
    """
    options = parser.parse_args(arguments)
    try:
        done: bool = options.run(options)
    except (FramestreamError, LocalError, BotoCoreError, ClientError) as error:
        sys.stderr.write(f"{advice(error)}\n")
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0 if done else 1


def confirmed(question: str, *, yes: bool) -> bool:
    """Ask, unless `--yes` was given, before something is done that cannot be undone."""
    if yes:
        return True
    sys.stderr.write(f"{question} Type yes: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() == "yes":
        return True
    sys.stderr.write("Nothing was done.\n")
    return False
