"""The cause of a failed deployment, found in the output of the CDK."""

from __future__ import annotations

import pytest

from local.deployment import cause

SYNTH = """framestream: built worker with bytecode
framestream: framestream.lease_seconds is '1', but it must be a whole number from 10 to 300

.venv/bin/python -m infra.app: Subprocess exited with error 1
"""
DEPLOY = """framestream:  deploying... [1/1]
11:00:00 | CREATE_FAILED | AWS::SQS::Queue | WorkQueue
 ❌  framestream failed: ToolkitError: The stack named framestream failed to deploy
"""


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        (SYNTH, "framestream.lease_seconds is '1', but it must be a whole number from 10 to 300"),
        (DEPLOY, "framestream failed: ToolkitError: The stack named framestream failed to deploy"),
        ("some words\nValueError: no such thing\nmore words", "ValueError: no such thing"),
        ("only\nthe last line\n\n", "the last line"),
        ("", "it said nothing"),
    ],
)
def test_the_cause_is_found_in_what_the_cdk_printed(log: str, sentence: str) -> None:
    assert cause(log) == sentence
