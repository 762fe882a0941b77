"""A signature of ours is botocore's, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from functions.worker.signing import CONTENT_TYPE, SERVICE, Signer

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


def signed_by_botocore(
    monkeypatch: pytest.MonkeyPatch, url: str, body: bytes, credentials: ReadOnlyCredentials, now: datetime
) -> dict[str, str]:
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: now)
    request = AWSRequest("POST", url, data=body, headers={"Content-Type": CONTENT_TYPE})
    SigV4Auth(credentials, SERVICE, "eu-west-1").add_auth(request)
    return dict(request.headers.items())


@pytest.mark.parametrize("credentials", [LASTING, PASSING], ids=["without token", "with token"])
@pytest.mark.parametrize(("origin", "host"), HOSTS)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", [b'{"type":"pong"}', "Zweiunddreißig 😀".encode()])
def test_a_signature_is_the_one_of_botocore(
    monkeypatch: pytest.MonkeyPatch,
    origin: str,
    host: str,
    path: str,
    body: bytes,
    credentials: ReadOnlyCredentials,
) -> None:
    expected = signed_by_botocore(monkeypatch, origin + path, body, credentials, NOON)

    assert Signer(host, "eu-west-1").headers(path, body, credentials, now=NOON) == expected


def test_one_signer_follows_new_days_and_new_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    origin, host = HOSTS[0]
    signer = Signer(host, "eu-west-1")

    for day in range(3):
        for credentials in (LASTING, PASSING, LASTING._replace(secret_key="rotated")):
            now = NOON + timedelta(days=day)
            expected = signed_by_botocore(monkeypatch, origin + PATHS[0], b"{}", credentials, now)
            assert signer.headers(PATHS[0], b"{}", credentials, now=now) == expected


def test_a_signer_shows_no_secret() -> None:
    signer = Signer("host", "eu-west-1")
    signer.headers("/", b"{}", PASSING, now=NOON)

    assert "secret" not in repr(signer)
