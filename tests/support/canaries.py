"""What must never be written down, and everything that a deployment did write down.

Tests send the words below wherever a secret belongs. At its end, every deployment of a test session is
searched for them: the logs of all functions at DEBUG, metrics and access logs included, what the emulator and
the CDK said, the dead letters, the template and the functions' environments.

The emulator drops what functions log for a socket. They log for an invocation, as e2e/test_secrets.py makes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3

from tests.support.listener import CLAIM, Site

PROMPT = "canary-prompt-7319"
ANSWER = "canary-answer-5582"
MODEL_KEY = "sk-canary-key-8841"
PROVIDER = "canary-provider-text"
"""What the faulty model says about its errors."""

FORMS = {
    "a prompt": re.escape(PROMPT),
    "an answer": re.escape(ANSWER),
    "the model's key": re.escape(MODEL_KEY),
    "words of the model's provider": re.escape(PROVIDER),
    "the claims of a token": re.escape(CLAIM),
    "a token": r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+",
    "a credential in a URL": r"\b(token|ticket)=[^\s&]{20}",
    "a ticket in an answer": r"ticket\W{1,6}[A-Za-z0-9_-]{43}\b",
    "a header with a credential": r"(?i)\bbearer\s+[a-z0-9_-]{16}",
}
"""How each would look."""


class Leaked(AssertionError):
    """Something secret was written down."""


def leaks(traces: Mapping[str, str], **secrets: str) -> set[tuple[str, str]]:
    """Say what is found where: the words above, and secrets of this deployment."""
    forms = FORMS | {name: re.escape(value) for name, value in secrets.items()}
    return {
        (place, name)
        for place, text in traces.items()
        for name, form in forms.items()
        if re.search(form, text)
    }


def search(site: Site, state: Path) -> None:
    """Look at all that a deployment wrote down.

    Raises:
        Leaked: If there is anything secret in it.
    """
    if found := leaks(dict(traces(site, state)), jwt_secret=site.jwt_secret):
        raise Leaked(sorted(found))


def traces(site: Site, state: Path) -> Iterator[tuple[str, str]]:
    """Everything, by the place where it stands."""
    for folder in ("logs", "cdk.out"):
        for path in (state / folder).rglob("*"):
            if path.is_file() and path.suffix in {".log", ".json"}:
                yield f"{folder}/{path.name}", path.read_text(errors="replace")
    yield from _logs(site)
    yield "the dead letters", _dead_letters(site)
    for function in client(site, "lambda").get_paginator("list_functions").paginate().search("Functions"):
        yield f"the environment of {function['FunctionName']}", json.dumps(function["Environment"])
    yield "the stack", json.dumps(client(site, "cloudformation").describe_stacks()["Stacks"], default=str)
    metrics = client(site, "cloudwatch").get_paginator("list_metrics").paginate().search("Metrics")
    yield "the metrics", json.dumps(list(metrics))


def _logs(site: Site) -> Iterator[tuple[str, str]]:
    logs = client(site, "logs")
    for group in logs.get_paginator("describe_log_groups").paginate().search("logGroups[].logGroupName"):
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        yield group, "\n".join(event["message"] for page in pages for event in page["events"])


def _dead_letters(site: Site) -> str:
    """The bodies of all dead letters; they are hidden for a moment, so that each comes once."""
    queue, bodies = client(site, "sqs"), []
    while letters := queue.receive_message(
        QueueUrl=site.dead_letter_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=10
    ).get("Messages"):
        bodies += [letter["Body"] for letter in letters]
    return "\n".join(bodies)


def client(site: Site, service: str) -> Any:
    """A client of the emulator that may do anything."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=site.aws_endpoint_url,
        region_name=site.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
