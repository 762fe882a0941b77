"""How the HTTP API tells errors (RFC 9457)."""

from __future__ import annotations

import pytest

from functions.generate import problems, responses
from functions.generate.problems import MethodNotAllowed, Problem, TooManyThisMinute
from functions.shared.errors import Forbidden, Refused, TooManyConnections, Unauthenticated, Unavailable

PROBLEMS = [
    problem
    for parent in (Problem, problems.TooMany)
    for problem in parent.__subclasses__()
    if problem is not problems.TooMany
]


def test_every_problem_has_a_status_and_a_code_of_its_own() -> None:
    table = {problem.__name__: (problem.status.value, problem.code) for problem in PROBLEMS}

    assert table == {
        "BadRequest": (400, "malformed"),
        "OriginRequired": (403, "origin_required"),
        "NotFound": (404, "not_found"),
        "MethodNotAllowed": (405, "method_not_allowed"),
        "PromptTooLarge": (413, "prompt_too_large"),
        "UnsupportedMediaType": (415, "unsupported_media_type"),
        "Busy": (409, "busy"),
        "StaleParent": (409, "stale_parent"),
        "Invalid": (422, "invalid"),
        "KeyReused": (422, "idempotency_key_reused"),
        "TooManyThisMinute": (429, "rate_limited"),
        "TooManyAtOnce": (429, "too_many_at_once"),
    }


EVERYTHING_TOLD: list[Problem | Refused] = [
    *(problem("Why.", allowed=["GET"]) for problem in PROBLEMS),
    *(refused("canary") for refused in Refused.__subclasses__()),
]


@pytest.mark.parametrize("error", EVERYTHING_TOLD, ids=lambda error: type(error).__name__)
def test_every_error_is_a_problem_document(error: Problem | Refused) -> None:
    document = responses.problem(error)

    assert document["type"] == "about:blank"
    assert document["title"] == error.status.phrase
    assert document["status"] == error.status.value
    assert document["code"] == error.code
    assert document["detail"].endswith(".")
    assert "canary" not in str(document)


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (Unauthenticated("x"), {"WWW-Authenticate": "Bearer"}),
        (Forbidden("x"), {}),
        (TooManyConnections("x"), {"Retry-After": "1"}),
        (Unavailable("x"), {"Retry-After": "1"}),
        (TooManyThisMinute("x", retry_after=7), {"Retry-After": "7"}),
        (MethodNotAllowed("x", allowed=["GET", "POST"]), {"Allow": "GET, POST"}),
    ],
)
def test_the_head_says_what_to_do_next(error: Problem | Refused, headers: dict[str, str]) -> None:
    assert error.headers() == headers


def test_what_a_problem_knows_besides_is_told() -> None:
    error = problems.Invalid("Why.", errors=[{"field": "prompt", "message": "must not be blank"}])

    assert responses.problem(error)["errors"] == [{"field": "prompt", "message": "must not be blank"}]
