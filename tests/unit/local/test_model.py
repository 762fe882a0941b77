"""Which model the local system uses: a provider's, or the stand-in."""

from __future__ import annotations

import traceback

import pytest

from local.errors import UnusableModel
from local.stand_in.model import OPENAI, Model


@pytest.mark.parametrize(
    "environ", [{}, {"OPENAI_MODEL": "gpt"}, {"OPENAI_API_KEY": " ", "LLM_BASE_URL": ""}]
)
def test_without_a_server_the_stand_in_answers(environ: dict[str, str]) -> None:
    assert Model.named_by(environ) is None


def test_a_key_alone_means_openai_and_the_deployments_own_model() -> None:
    assert Model.named_by({"OPENAI_API_KEY": "sk-1"}) == Model(base_url=OPENAI, name=None, key="sk-1")


def test_any_server_that_speaks_like_openais_will_do() -> None:
    environ = {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1", "OPENAI_MODEL": "llama"}

    assert Model.named_by(environ) == Model(base_url="http://127.0.0.1:11434/v1", name="llama", key="none")


def test_llm_base_url_goes_first_and_its_server_gets_no_real_key() -> None:
    environ = {
        "LLM_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_API_KEY": "sk-1",
        "OPENAI_BASE_URL": "http://other",
    }

    assert Model.named_by(environ) == Model(base_url="http://127.0.0.1:9/v1", name="stand-in", key="none")


@pytest.mark.parametrize("variable", ["OPENAI_BASE_URL", "LLM_BASE_URL"])
@pytest.mark.parametrize(
    "url",
    [
        "https://user:canary@api.example/v1",
        "https://api.example/v1?key=canary",
        "https://canary.example",
        "https://canary.example/v1/chat/completions",
        "canary.example/v1",
    ],
)
def test_an_address_that_the_deployment_would_refuse_is_refused_at_once(variable: str, url: str) -> None:
    with pytest.raises(UnusableModel, match=f"^{variable} must be what /chat/completions is") as trouble:
        Model.named_by({variable: url})

    assert "canary" not in "".join(traceback.format_exception(trouble.value))


def test_the_key_is_not_shown() -> None:
    assert "sk-1" not in repr(Model(base_url=OPENAI, name=None, key="sk-1"))
