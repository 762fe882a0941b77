"""What the deployment says about keys that tokens are signed with, before anything is deployed."""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from infra.bundling.build import FUNCTIONS, VERIFIERS, build
from infra.config.fields import Config, ConfigError
from tests.infra.templates import LOCAL, Synthesize, all_of, environment_of, statements_of
from tests.support.keys import ASYMMETRIC, SYMMETRIC, pair, pair_for, pem, pem_of_bits

URL = "https://login.example.com/keys"


def config(**settings: Any) -> Config:
    return Config.from_context({"framestream": settings})


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [("RS256", "RSA-1024"), ("RS256", "P-256"), ("ES256", "P-256K"), ("ES256", "P-384"), ("EdDSA", "Ed448")],
)
@pytest.mark.fault(20)
def test_a_weak_or_wrong_key_is_not_deployed(algorithm: str, kind: str) -> None:
    with pytest.raises(ConfigError, match=f"but for token_algorithm {algorithm} it must be an? "):
        config(token_algorithm=algorithm, token_public_key=pem(pair(kind)))


@pytest.mark.parametrize(("bits", "is_good"), [(2047, False), (2048, True), (8192, True), (8193, False)])
def test_a_strong_key_is_not_too_long_either(bits: int, *, is_good: bool) -> None:
    with nullcontext() if is_good else pytest.raises(ConfigError):
        config(token_algorithm="RS256", token_public_key=pem_of_bits(bits))


@pytest.mark.parametrize("algorithm", SYMMETRIC)
@pytest.mark.parametrize(
    ("name", "value"), [("token_public_key", pem(pair("P-256"))), ("token_jwks_url", URL)]
)
def test_a_shared_secret_has_no_public_half(algorithm: str, name: str, value: str) -> None:
    with pytest.raises(
        ConfigError, match=rf"{name} is .+ but it must be empty with token_algorithm {algorithm}"
    ):
        config(token_algorithm=algorithm, **{name: value})


@pytest.mark.parametrize("algorithm", ASYMMETRIC)
def test_a_public_key_is_given_or_published_and_takes_no_secret(algorithm: str) -> None:
    key = {"token_public_key": pem(pair_for(algorithm))}
    url = {"token_jwks_url": URL, "token_issuer": "https://login.example.com/"}

    for neither_or_both in ({}, key | url):
        with pytest.raises(
            ConfigError, match="but it needs token_public_key or token_jwks_url, one of the two"
        ):
            config(token_algorithm=algorithm, **neither_or_both)
    with pytest.raises(ConfigError, match=r"token_secret_name is 'a', but it must be empty"):
        config(token_algorithm=algorithm, token_secret_name="a", **key)


def test_published_keys_need_an_issuer_or_an_audience() -> None:
    assert (
        config(token_algorithm="RS256", token_jwks_url=URL, token_audience="framestream").token_jwks_url
        == URL
    )
    with pytest.raises(
        ConfigError, match=r"token_jwks_url is .+ but it needs token_issuer or token_audience"
    ):
        config(token_algorithm="RS256", token_jwks_url=URL)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/keys", "http://localhost:8080/keys"])
def test_only_the_local_target_takes_keys_over_plain_http(url: str) -> None:
    settings = {"token_algorithm": "RS256", "token_jwks_url": url, "token_issuer": "me"}

    assert config(**settings, **LOCAL).token_jwks_url == url
    with pytest.raises(ConfigError, match="but it must start with https://, except for target local"):
        config(**settings)


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_private_key_given_by_mistake_is_not_printed(form: PrivateFormat) -> None:
    key = pair("RSA-2048").private_bytes(Encoding.PEM, form, NoEncryption()).decode()

    with pytest.raises(ConfigError) as refusal:
        config(token_algorithm="RS256", token_public_key=key)

    assert str(refusal.value).startswith(
        "framestream.token_public_key is (not shown), but it must be a public key"
    )


def test_with_a_public_key_there_is_no_secret_to_read(synthesize: Synthesize) -> None:
    template = synthesize(token_algorithm="ES256", token_public_key=pem(pair("P-256")))

    assert len(all_of(template, "AWS::SecretsManager::Secret")) == 1  # The model's key.
    assert "TokenSecretArn" not in template.to_json()["Outputs"]
    for name in VERIFIERS:
        actions = [action for statement in statements_of(template, name) for action in statement["Action"]]
        assert "secretsmanager:GetSecretValue" not in actions
        assert environment_of(template, name)["TOKEN_PUBLIC_KEY"] == pem(pair("P-256")).strip()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_largest_key_and_all_origins_fit_into_the_environment(name: str, synthesize: Synthesize) -> None:
    template = synthesize(
        allowed_origins=",".join(f"https://{'a' * 45}{number}.example.com" for number in range(20)),
        token_algorithm="RS256",
        token_public_key=pem_of_bits(8192),
    )

    size = sum(len(key) + len(str(value)) for key, value in environment_of(template, name).items())
    assert size < 4096


@pytest.mark.slow
@pytest.mark.parametrize("target", ["aws", "local"])
def test_only_who_verifies_with_public_keys_carries_the_package(
    target: Any, built_for_aws: Mapping[str, Path], tmp_path: Path
) -> None:
    built = build(target, report=print, functions=["connect", "message"], signatures=True, into=tmp_path)

    carried = {name: {entry.partition("/")[0] for entry in ZipFile(built[name]).namelist()} for name in built}
    assert "cryptography" in carried["connect"]
    assert "cryptography" not in carried["message"]
    assert not any((built_for_aws[name] / "cryptography").exists() for name in FUNCTIONS)
