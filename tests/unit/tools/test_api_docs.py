"""docs/api: current, well formed, and true of everything that the code can say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from functions.generate import responses
from functions.generate.endpoints.generations import state
from functions.generate.pages import Page
from functions.generate.problems import Problem, TooMany
from functions.message.replies import KeepAlive, MessageTally, reply_to
from functions.message.settings import MessageOptions
from functions.shared.errors import Refused
from functions.shared.generations.failures import Failure
from functions.shared.generations.model import Outcome, Status, Usage
from functions.shared.wire import system
from functions.shared.wire.system import Closing
from functions.worker.answer_text import AnswerText
from functions.worker.cursor import Cursor
from functions.worker.message_sequence import MessageSequence
from functions.worker.status_messages import OPENING, Content
from tests.support.builders import LIFETIME, NOON, generation
from tests.support.contract import BreaksContract, check_body, check_message
from tools.api_docs.__main__ import FOLDER, ROOT, TYPESCRIPT, documents, main

META = Path(__file__).parents[2] / "schemas"
USAGE = Usage(1, 2, 3)
PROBLEMS = {*Problem.__subclasses__(), *TooMany.__subclasses__()} - {TooMany}
OUTCOMES = [
    Outcome(status=Status.COMPLETED, length=6, finish_reason="stop", usage=USAGE),
    Outcome(status=Status.COMPLETED, length=6, finish_reason="length"),
    Outcome(status=Status.COMPLETED, length=40_000, finish_reason="stop", usage=USAGE),
    Outcome(status=Status.CANCELLED, length=6),
    *(Outcome(status=Status.FAILED, length=6, failure=failure) for failure in Failure),
]


def test_what_is_committed_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--check"]) == 0, capsys.readouterr().err


@pytest.mark.parametrize("name", [FOLDER / "openapi.json", TYPESCRIPT])
def test_a_file_that_is_not_current_is_named(
    name: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--write"], root=tmp_path)
    assert main(["--check"], root=tmp_path) == 0

    (tmp_path / name).write_text("{}")

    assert main(["--check"], root=tmp_path) == 1
    assert str(name) in capsys.readouterr().err


def test_one_says_whether_to_write_or_to_check() -> None:
    with pytest.raises(SystemExit):
        main([])


@pytest.mark.parametrize("name", ["asyncapi-3.0", "openapi-3.1"])
def test_the_descriptions_are_what_they_say_they_are(name: str) -> None:
    meta = json.loads((META / f"{name}.json").read_text())
    described = json.loads((ROOT / FOLDER / f"{name.partition('-')[0]}.json").read_text())

    jsonschema_rs.validator_for(meta).validate(described)


def test_every_schema_is_a_schema_and_every_reference_leads_somewhere() -> None:
    for document in documents().values():
        schemas = document.get("$defs") or document["components"]["schemas"]
        for schema in schemas.values():
            jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
        for reference in _references(document):
            place = document
            for step in reference.removeprefix("#/").split("/"):
                place = place[step]


def _references(part: object) -> list[str]:
    if isinstance(part, list):
        return [reference for item in part for reference in _references(item)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if "$ref" in part else []
    return [*own, *(reference for item in part.values() for reference in _references(item))]


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("opening", [OPENING, ()], ids=["told live", "told again"])
def test_every_message_of_an_answer_is_in_the_contract(
    outcome: Outcome, opening: tuple[Content, ...]
) -> None:
    answer = AnswerText(attempt=2, outcome=outcome)
    answer.append("x" * outcome.length)
    script = MessageSequence(generation(), answer, opening=opening)

    position, kinds = Cursor(), set()
    while following := script.after(position, now=NOON):
        position = following.then
        message = json.loads(following.data)
        check_message(message)
        kinds.add(message["type"])

    assert {"llm_status", "llm_frame"} <= kinds


@pytest.mark.parametrize("keep_alive", [*KeepAlive, None])
@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("said", [1, 61, 121])
def test_every_answer_to_a_client_is_in_the_contract(
    keep_alive: KeepAlive | None,
    is_first: bool,  # noqa: FBT001
    said: int,
) -> None:
    tally = MessageTally(
        connection_id="c1",
        expires_at=NOON + LIFETIME,
        is_first=is_first,
        messages_this_minute=said,
        refusals_this_minute=0,
    )

    check_message(reply_to(keep_alive, tally, options=MessageOptions(), now=NOON).message)


@pytest.mark.parametrize("refusal", Refused.__subclasses__())
def test_every_refusal_is_in_the_contract(refusal: type[Refused]) -> None:
    refused = refusal("reason")

    check_message(system.rejection(refused, now=NOON))
    check_body("ProblemDetails", responses.problem(refused))


@pytest.mark.parametrize("closing", Closing)
def test_every_close_reason_is_in_the_contract(closing: Closing) -> None:
    check_message(closing.message(now=NOON))


@pytest.mark.parametrize("problem", sorted(PROBLEMS, key=str))
def test_every_problem_is_in_the_contract(problem: type[Problem]) -> None:
    check_body("ProblemDetails", responses.problem(problem("A sentence.")))


@pytest.mark.parametrize("outcome", [None, *OUTCOMES])
def test_every_answer_about_a_generation_is_in_the_contract(outcome: Outcome | None) -> None:
    stored = replace(generation(), status=outcome.status if outcome else Status.QUEUED, outcome=outcome)

    check_body("GenerationState", state(stored, Page("ers", 6, has_more=False), offset=3, now=NOON))


FRAME = {
    "type": "llm_frame",
    "frame": {"status": "streaming", "delta": "x", "offset": 0, "progress": "indeterminate"},
    "user_id": "u1",
    "chat_id": "c1",
    "generation_id": "0" * 32,
    "attempt": 1,
    "timestamp": "2026-11-22T12:00:00.000Z",
}


def test_fields_may_be_added() -> None:
    check_message({**FRAME, "colour": "brown", "frame": {**FRAME["frame"], "tokens": 1}})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "change",
    [
        {"attempt": 0},
        {"attempt": "1"},
        {"timestamp": "2026-11-22T12:00:00Z"},
        {"frame": {**FRAME["frame"], "delta": ""}},  # type: ignore[dict-item]
        {"frame": {**FRAME["frame"], "offset": -1}},  # type: ignore[dict-item]
        {"type": "llm_news"},
        {"type": "llm_error", "error": "No.", "code": "boom", "retryable": True},
    ],
)
def test_what_is_not_in_the_contract_is_found(change: dict[str, Any]) -> None:
    with pytest.raises(BreaksContract):
        check_message({**FRAME, **change})
