"""The environment of the local processes: no real account, no proxy."""

from __future__ import annotations

import pytest

from local.aws import bare_environ, client_environ

ENDPOINT = "http://127.0.0.1:4566"


def test_no_real_account_can_be_meant_by_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "CDK_DEFAULT_ACCOUNT"):
        monkeypatch.setenv(name, "real")

    environ = client_environ(ENDPOINT)

    assert "real" not in environ.values()
    assert environ["AWS_ENDPOINT_URL"] == ENDPOINT


def test_functions_do_not_inherit_what_is_nobodys_business(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "GITHUB_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.setenv(name, "secret")

    assert "secret" not in bare_environ().values()


def test_this_machine_is_never_reached_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "intranet.example")

    environ = bare_environ()

    assert environ["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert environ["NO_PROXY"] == "intranet.example,127.0.0.1,localhost"
