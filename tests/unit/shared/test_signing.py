"""A signature of ours is botocore's, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from functions.shared.signing import Signer

SERVICES = {
    "execute-api": ("application/json", None),
    "dynamodb": ("application/x-amz-json-1.0", "DynamoDB_20120810.PutItem"),
}
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LASTING = ReadOnlyCredentials("AKIA", "secret", None)
PASSING = ReadOnlyCredentials("ASIA", "another/secret+", "token/with+signs==")
HOSTS = [
    ("https://a1b2.execute-api.eu-west-1.amazonaws.com", "a1b2.execute-api.eu-west-1.amazonaws.com"),
    ("http://127.0.0.1:4566", "127.0.0.1:4566"),
]
PATHS = [
    "/prod/%40connections/JKab%3D%2F%2B",
    "/prod/@connections/L0SM9cOFIAMCIdw%3D",
    "/@connections/~a-b_c.d",
]


def signer(host: str, service: str = "execute-api") -> Signer:
    return Signer(service=service, host=host, region="eu-west-1", content_type=SERVICES[service][0])


def signed_by_botocore(
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    body: bytes,
    credentials: ReadOnlyCredentials,
    now: datetime,
    *,
    method: str = "POST",
    service: str = "execute-api",
) -> dict[str, str]:
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: now)
    content_type, target = SERVICES[service]
    headers = {"Content-Type": content_type} | ({"X-Amz-Target": target} if target else {})
    request = AWSRequest(method, url, data=body, headers=headers)
    SigV4Auth(credentials, service, "eu-west-1").add_auth(request)
    return dict(request.headers.items())


@pytest.mark.parametrize("credentials", [LASTING, PASSING], ids=["without token", "with token"])
@pytest.mark.parametrize(("origin", "host"), HOSTS)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [b"", b'{"type":"pong"}', "Zweiunddreißig 😀".encode()])
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_a_signature_is_the_one_of_botocore(
    monkeypatch: pytest.MonkeyPatch,
    origin: str,
    host: str,
    path: str,
    body: bytes,
    method: str,
    credentials: ReadOnlyCredentials,
) -> None:
    expected = signed_by_botocore(monkeypatch, origin + path, body, credentials, NOON, method=method)

    assert signer(host).headers(method, path, body, credentials, now=NOON) == expected


@pytest.mark.parametrize("credentials", [LASTING, PASSING], ids=["without token", "with token"])
def test_the_operation_is_signed_where_a_service_takes_it_as_a_header(
    monkeypatch: pytest.MonkeyPatch, credentials: ReadOnlyCredentials
) -> None:
    origin, host = "https://dynamodb.eu-west-1.amazonaws.com", "dynamodb.eu-west-1.amazonaws.com"
    expected = signed_by_botocore(monkeypatch, f"{origin}/", b"{}", credentials, NOON, service="dynamodb")

    headers = signer(host, "dynamodb").headers(
        "POST", "/", b"{}", credentials, now=NOON, target="DynamoDB_20120810.PutItem"
    )

    assert headers == expected


def test_one_signer_follows_new_days_and_new_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    origin, host = HOSTS[0]
    one = signer(host)

    for day in range(3):
        for credentials in (LASTING, PASSING, LASTING._replace(secret_key="rotated")):
            now = NOON + timedelta(days=day)
            expected = signed_by_botocore(monkeypatch, origin + PATHS[0], b"{}", credentials, now)
            assert one.headers("POST", PATHS[0], b"{}", credentials, now=now) == expected


def test_a_signer_shows_no_secret() -> None:
    one = signer("host")
    one.headers("POST", "/", b"{}", PASSING, now=NOON)

    assert "secret" not in repr(one)
