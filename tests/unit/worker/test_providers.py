"""Which server is asked for a model, with what: its row's, or what stands for all."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from functions.shared.generations.failures import Failure
from functions.shared.models.request_additions import Header
from functions.shared.models.row import ONLY, ModelRow
from functions.shared.models.table import Models, ModelTable
from functions.worker.conversation import Conversation
from functions.worker.model import ModelFailed, Piece
from functions.worker.providers import PROVIDERS, RoutedModel, call_attributes
from functions.worker.settings import WorkerSettings
from tests.support import environment
from tests.unit.worker.builders import worker_options

ROWS: dict[str, Any] = {
    "here": {"model_id": "gpt-5", "headers": {"x-team": "b", "X-Row": "1"}, "query": {"v": "2"}},
    "there": {"base_url": "https://vllm.example/v1", "context_tokens": 900, "output_tokens": 50},
    "said": {"system_prompt": "Be brief.", "context_tokens": 50_000},
    "claude": {"provider": "bedrock", "region": "eu-west-1"},
}
ASKED = Conversation(prompt="p")


@dataclass
class Made:
    """Models that say which row and which id they were asked with."""

    rows: list[str] = field(default_factory=list)

    def __call__(self, row: ModelRow) -> Made._Model:
        self.rows.append(row.name)
        return self._Model(row)

    @dataclass
    class _Model:
        row: ModelRow

        async def pieces(self, conversation: Conversation, *, model: str) -> AsyncGenerator[Piece]:
            yield Piece(text=f"{self.row.name} as {model}")


async def said(model: RoutedModel, name: str) -> list[str]:
    return [piece.text async for piece in model.pieces(ASKED, model=name)]


def routed(rows: object = ROWS) -> tuple[RoutedModel, Made]:
    made = Made()
    return RoutedModel(table=ModelTable(rows=Models().parse(rows)), make=made), made


async def test_a_model_is_asked_by_the_name_that_its_server_has_for_it() -> None:
    model, _ = routed()

    assert await said(model, "here") == ["here as gpt-5"]
    assert await said(model, "there") == ["there as there"]


async def test_each_model_is_made_once_when_it_is_first_asked() -> None:
    model, made = routed()

    for name in ("there", "here", "there"):
        await said(model, name)

    assert made.rows == ["there", "here"]


async def test_reasoning_is_taken_out_of_the_text_of_a_model_that_puts_it_there() -> None:
    @dataclass
    class Thinks:
        async def pieces(self, conversation: Conversation, *, model: str) -> AsyncGenerator[Piece]:
            for text in ("<th", "ink>hm</think>", "Otters"):
                yield Piece(text)

    rows = Models().parse({"thinks": {"think_tags": True}, "plain": {}})
    model = RoutedModel(table=ModelTable(rows=rows), make=lambda _row: Thinks())

    divided = [piece async for piece in model.pieces(ASKED, model="thinks")]

    assert "".join(piece.reasoning for piece in divided) == "hm"
    assert await said(model, "plain") == ["<th", "ink>hm</think>", "Otters"]
    assert "".join(piece.text for piece in divided) == "Otters"


async def test_without_a_table_one_server_is_asked_for_every_name() -> None:
    model, made = routed({})

    assert await said(model, "a") + await said(model, "b") == ["a as a", "a as b"]
    assert made.rows == ["a"]


async def test_a_model_that_was_taken_out_while_its_prompt_waited_is_a_refusal() -> None:
    model, made = routed()

    with pytest.raises(ModelFailed) as failed:
        await said(model, "gone")

    assert (failed.value.failure, failed.value.worth_retrying) == (Failure.REJECTED, False)
    assert made.rows == []


OPTIONS = worker_options(
    models=Models().parse(ROWS),
    llm_base_url="https://api.example/v1",
    llm_headers=(Header("X-Team", value="a"), Header("x-all", value="1")),
    llm_query=(("v", "1"), ("w", "1")),
    llm_system_prompt="Be kind.",
    llm_max_output_tokens=1000,
    context_tokens=16_000,
)


def test_a_row_without_a_server_adds_to_what_is_sent_to_the_deployment_s() -> None:
    options = OPTIONS.of("here")

    assert options.llm_base_url == "https://api.example/v1"
    assert options.llm_headers == (
        Header("x-team", value="b"),
        Header("x-all", value="1"),
        Header("X-Row", value="1"),
    )
    assert dict(options.llm_query) == {"v": "2", "w": "1"}


def test_nothing_that_is_meant_for_the_deployment_s_server_is_sent_to_another() -> None:
    options = OPTIONS.of("there")

    assert options.llm_base_url == "https://vllm.example/v1"
    assert (options.llm_headers, options.llm_query) == ((), ())


def test_a_row_has_its_own_limits_and_instructions_or_those_of_all() -> None:
    there, said_otherwise = OPTIONS.of("there"), OPTIONS.of("said")

    assert (there.context_tokens, there.llm_max_output_tokens) == (900, 50)
    assert there.llm_system_prompt == "Be kind."
    assert (said_otherwise.context_tokens, said_otherwise.llm_max_output_tokens) == (50_000, 1000)
    assert said_otherwise.llm_system_prompt == "Be brief."


def test_a_deployment_without_a_memory_has_none_for_any_model() -> None:
    options = worker_options(models=Models().parse(ROWS), context_tokens=0)

    assert options.of("said").context_tokens == 0


@pytest.mark.parametrize("options", [OPTIONS, worker_options(llm_base_url="https://api.example/v1")])
def test_a_model_of_no_row_has_the_settings_of_all(options: Any) -> None:
    assert options.of("gone") is options


def test_a_trace_names_the_provider_and_the_server_of_each_call() -> None:
    settings = WorkerSettings.from_env(environment.WORKER)
    settings = replace(settings, models=Models().parse(ROWS))

    assert call_attributes(settings, "there") == {
        "gen_ai.provider.name": "openai",
        "server.address": "vllm.example",
    }
    assert call_attributes(settings, "claude") == {"gen_ai.provider.name": "aws.bedrock"}


def test_each_provider_of_a_row_is_one_that_the_worker_has() -> None:
    assert set(PROVIDERS) == set(ONLY)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_every_provider_makes_a_model_of_a_row(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    region = {"region": "eu-west-1"} if provider == "bedrock" else {}
    [row] = Models().parse({"any": {"provider": provider, **region}})

    async def secret(name: str) -> str:
        return name

    made: Any = PROVIDERS[provider].make(row, WorkerSettings.from_env(environment.WORKER), secret)

    assert callable(made.pieces)
    await made.client.http.close()
