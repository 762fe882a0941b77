"""The HTTP responses: a route's answer, or what an error tells (RFC 9457)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from functions.shared.errors import ReportedError
    from functions.shared.wire.problems import ProblemDetails

PROBLEM = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Reply:
    """HTTP status, JSON body and what the head says besides."""

    status: int
    body: Mapping[str, object] = field(repr=False)
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def for_gateway(self) -> dict[str, Any]:
        """Write it as API Gateway expects it (payload 2.0)."""
        return {
            "statusCode": self.status,
            "headers": {"Content-Type": self.media_type, "Cache-Control": "no-store", **self.headers},
            "body": json.dumps(self.body, ensure_ascii=False),
        }


def refusal(error: ReportedError) -> Reply:
    """Tell an error."""
    return Reply(error.status.value, problem(error), PROBLEM, error.headers())


def problem(error: ReportedError) -> ProblemDetails:
    """The body that tells an error."""
    return {
        "type": "about:blank",
        "title": error.status.phrase,
        "status": error.status.value,
        "detail": error.detail,
        "code": error.code,
        **error.facts,
    }
