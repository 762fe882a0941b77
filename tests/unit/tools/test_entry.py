"""The operator's command line: every command is there, says what it does, and fails with advice."""

from __future__ import annotations

import importlib

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

from tools.__main__ import COMMANDS, main
from tools.advice import advice

Capture = pytest.CaptureFixture[str]


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "DescribeStacks")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str, capsys: Capture) -> None:
    assert importlib.import_module(COMMANDS[name]).__doc__

    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: python -m tools {name}")


def test_the_help_lists_every_command(capsys: Capture) -> None:
    assert main(["--help"]) == 0

    lines = capsys.readouterr().out.splitlines()
    for name in COMMANDS:
        assert any(line.startswith(f"  {name} ") and line.endswith(".") for line in lines), name


def test_an_unknown_command_is_named_and_the_others_are_listed(capsys: Capture) -> None:
    assert main(["conections"]) == 2

    said = capsys.readouterr().err
    assert "'conections'" in said
    assert "connections" in said


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NoCredentialsError(), "No AWS credentials were found: log in"),
        (NoRegionError(), "give --region"),
        (ProfileNotFound(profile="prod"), "prod"),
        (EndpointConnectionError(endpoint_url="https://x"), "Is the Region right"),
        (refused("ExpiredToken"), "have expired: log in"),
        (refused("UnrecognizedClientException"), "does not know these credentials"),
        (refused("AccessDenied"), "may not do this: An error occurred (AccessDenied)"),
        (refused("InternalError"), "An error occurred (InternalError)"),
    ],
)
def test_an_error_of_aws_says_what_to_do(error: Exception, sentence: str) -> None:
    assert sentence in advice(error)
