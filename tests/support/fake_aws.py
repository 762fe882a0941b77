"""A session of boto3 whose services answer what a test put there, and fail where it put an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

Answers = dict[str, dict[str, Any]]
"""By service and operation: an answer, an error to raise, or a function of the request that returns one."""


def client_error(code: str, operation: str = "Operation") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


@dataclass
class FakeSession:
    """Takes the place of `boto3.Session`."""

    answers: Answers
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    region_name: str = "eu-central-1"

    def client(self, service: str, **_options: Any) -> FakeClient:
        return FakeClient(self, service)


@dataclass
class FakeClient:
    """One service; its operations are those that have an answer."""

    session: FakeSession
    service: str

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        operations = self.session.answers[self.service]
        if operation not in operations:
            raise AttributeError(f"the test has no answer for {self.service}.{operation}")

        def call(**request: Any) -> Any:
            self.session.calls.append((self.service, operation, request))
            answer = operations[operation]
            answer = answer(**request) if callable(answer) else answer
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    def get_paginator(self, operation: str) -> FakePaginator:
        return FakePaginator(getattr(self, operation))


@dataclass
class FakePaginator:
    """All in one page."""

    call: Callable[..., Any]

    def paginate(self, **request: Any) -> Iterator[Mapping[str, Any]]:
        yield self.call(**request)
