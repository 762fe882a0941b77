"""A deployment's own function about prompts and answers: what it is told, and whatever it says or does."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from functions.shared.errors import SettingsError
from functions.shared.generations.failures import Failure
from functions.shared.generations.response_format import ResponseFormat
from functions.shared.measurements import Measurements, measurements_of
from functions.worker.answer_text import AnswerText
from functions.worker.attached_file import AttachedFile
from functions.worker.content_checks import ContentChecks, content_checks
from functions.worker.content_hook import STOP, Attached, Content
from functions.worker.context import Context, History, PastTurn
from functions.worker.conversation import Conversation
from functions.worker.model import ModelFailed
from functions.worker.model_reader import ModelReader
from functions.worker.ports import ContentStopped
from functions.worker.settings import ContentOptions
from tests.support.measured import measured
from tests.support.scripted_model import DONE, ScriptedModel, finish
from tests.unit.worker.builders import generation, worker_options

SECRET = "my card is 4111"
OPTIONS = ContentOptions(content_hook_timeout_milliseconds=300)
FORM = ResponseFormat('{"type":"json_object"}')
PASSING = replace(OPTIONS, content_hook_on_failure="pass")


def turn(number: int, question: str) -> PastTurn:
    return PastTurn(
        number=number, answer_number=number + 1, answer_id=f"a{number}", question=question, answer="Yes."
    )


def context(prompt: str = SECRET, *earlier: str) -> Context:
    turns = [turn(2 * number + 1, question) for number, question in enumerate(earlier)]
    history = History(first=turns[0], turns=tuple(turns[1:])) if turns else History()
    return Context(prompt=prompt, history=history)


def checks_of(
    hook: Any, options: ContentOptions = OPTIONS, measurements: Measurements | None = None
) -> ContentChecks:
    return ContentChecks(hook=hook, options=options, measurements=measurements or measurements_of({}))


async def asked(hook: Any, options: ContentOptions = OPTIONS, given: Context | None = None) -> Conversation:
    """What the model is given."""
    return (await checks_of(hook, options).context(generation(), given or context())).conversation


async def stopping(_: Content) -> object:
    return STOP


def stopping_in_a_thread(_: Content) -> object:
    return STOP


def passing(_: Content) -> object:
    return None


def replacing(content: Content) -> str:
    return content.text.replace("4111", "****")


def failing(content: Content) -> object:
    raise ValueError(content.text)


async def leaving(content: Content) -> object:
    raise SystemExit(content.text)


def leaving_in_a_thread(content: Content) -> object:
    raise SystemExit(content.text)


async def late(_: Content) -> object:
    await asyncio.sleep(60)
    return None


def late_in_a_thread(_: Content) -> object:
    time.sleep(0.8)
    return None


def saying_nonsense(_: Content) -> object:
    return {"flagged": False}


def saying_nothing_to_ask(_: Content) -> object:
    return ""


FAILURES: list[Callable[[Content], object]] = [
    failing, leaving, leaving_in_a_thread, late, late_in_a_thread, saying_nonsense, saying_nothing_to_ask
]  # fmt: skip


async def test_a_prompt_passes_is_replaced_or_is_stopped() -> None:
    assert (await asked(passing)).prompt == SECRET
    assert (await asked(replacing)).prompt == "my card is ****"
    for hook in (stopping, stopping_in_a_thread):
        with pytest.raises(ContentStopped):
            await asked(hook)


@pytest.mark.parametrize("hook", FAILURES)
async def test_a_function_that_fails_stops_the_prompt_or_lets_it_pass_as_the_deployment_decided(
    hook: Callable[[Content], object], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    with pytest.raises(ContentStopped):
        await asked(hook)
    assert (await asked(hook, PASSING)).prompt == SECRET

    assert caplog.text.count("the content hook failed") == 2
    assert "4111" not in caplog.text


async def test_a_prompt_comes_with_the_names_types_and_sizes_of_the_files_that_the_model_is_given() -> None:
    heard: dict[str, tuple[tuple[str, str, int], ...]] = {}

    def hear(content: Content) -> None:
        heard[content.text] = content.attachments

    files = {
        "a": AttachedFile(name="cat.png", media_type="image/png", content=b"123"),
        "b": AttachedFile(name="list.csv", media_type="text/csv", content=b"12345"),
    }
    earlier = History(turns=(replace(turn(1, "Before"), attachments=("b", "a")), turn(3, "Between")))
    given = Context(
        prompt="Now", history=earlier, attachments=("a", "gone"), files=files, response_format=FORM
    )

    conversation = await asked(hear, given=given)

    cat, table = ("cat.png", "image/png", 3), ("list.csv", "text/csv", 5)
    assert heard == {"Now": (cat,), "Before": (table, cat), "Between": (), FORM.text: ()}
    assert [file.name for file in conversation.files] == ["cat.png"]


async def test_a_prompt_may_be_stopped_for_a_file() -> None:
    def check(content: Content) -> object:
        return STOP if any(file.media_type == "text/csv" for file in content.attachments) else None

    table = AttachedFile(name="list.csv", media_type="text/csv", content=b"1")
    given = Context(prompt="p", attachments=("b",), files={"b": table})

    with pytest.raises(ContentStopped):
        await asked(check, given=given)


async def test_the_names_of_files_are_not_printed() -> None:
    content = Content(
        kind="prompt",
        text="p",
        attachments=(Attached("canary.png", "image/png", 1),),
        user_id="u",
        chat_id="c",
        generation_id="g",
        model="m",
    )

    assert "canary" not in repr(content)


async def test_what_was_replaced_once_is_replaced_when_the_model_is_told_again() -> None:
    conversation = await asked(replacing, given=context("Well?", "It is 4111.", "Then 4111 again?", "No."))

    assert [turn.question for turn in conversation.turns] == ["It is ****.", "Then **** again?", "No."]


async def test_it_is_told_whose_prompt_it_is_and_whether_it_is_an_earlier_one() -> None:
    told: list[Content] = []
    await asked(told.append, given=context("Now?", "Then?"))

    assert [(each.text, each.kind, each.is_earlier) for each in told] == [
        ("Now?", "prompt", False),
        ("Then?", "prompt", True),
    ]
    whose = {(each.user_id, each.chat_id, each.generation_id, each.model) for each in told}
    assert whose == {("ada", "c1", "g1", "stand-in")}
    assert "Now?" not in repr(told[0])


async def test_many_earlier_prompts_have_the_time_of_one_each() -> None:
    def slow(_: Content) -> None:
        time.sleep(0.1)  # 40 of them, 8 at once, take longer than one may.

    conversation = await asked(slow, given=context("Now?", *["Then?"] * 40))

    assert len(conversation.turns) == 40


async def test_a_function_that_hangs_does_not_take_the_threads_of_others() -> None:
    over = threading.Event()

    def hang(_: Content) -> None:
        over.wait()

    hanging = [asyncio.create_task(asked(hang, PASSING)) for _ in range(40)]
    await asyncio.sleep(0.01)

    try:
        async with asyncio.timeout(30):
            await asyncio.to_thread(int)
    finally:
        over.set()
    await asyncio.gather(*hanging)


async def test_an_answer_is_stopped_and_only_what_passed_is_shown() -> None:
    def no_otters(content: Content) -> object:
        return STOP if "otter" in content.before + content.text else None

    checks = checks_of(no_otters, replace(OPTIONS, content_hook_held_back_characters=5))
    model = ScriptedModel([["Seals and ", 0.05, "ott", 0.05, "ers", finish(), DONE]])
    reader = checks.reader(ModelReader(model=model, options=worker_options()), generation())
    answer = AnswerText(attempt=1)
    with pytest.raises(ModelFailed) as failed:
        await reader.read(answer, Conversation(prompt="p"), model="m", notify=lambda: None)

    assert failed.value.failure is Failure.CONTENT_FILTERED
    assert answer.text == "Seals an"


@pytest.mark.parametrize(
    ("options", "shown"), [(OPTIONS, ""), (PASSING, "Otters")], ids=["stop", "let it pass"]
)
async def test_an_answer_about_which_it_fails_is_stopped_or_passes(
    options: ContentOptions, shown: str
) -> None:
    reader = ModelReader(model=ScriptedModel([["Otters", finish()]]), options=worker_options())
    checked = checks_of(failing, options).reader(reader, generation())
    answer = AnswerText(attempt=1)
    reading: Awaitable[object] = checked.read(
        answer, Conversation(prompt="p"), model="m", notify=lambda: None
    )
    if shown:
        await reading
    else:
        with pytest.raises(ModelFailed):
            await reading

    assert answer.text == shown


async def test_an_answer_cannot_be_replaced() -> None:
    reader = ModelReader(model=ScriptedModel([["4111", finish()]]), options=worker_options())
    checked = checks_of(replacing).reader(reader, generation())

    with pytest.raises(ModelFailed):
        await checked.read(AnswerText(attempt=1), Conversation(prompt="p"), model="m", notify=lambda: None)


def test_the_function_is_found_by_its_name() -> None:
    made = content_checks(replace(OPTIONS, content_hook=f"{__name__}:stopping"), measurements_of({}))

    assert made.hook is stopping


def test_a_name_that_is_no_function_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match="CONTENT_HOOK"):
        content_checks(replace(OPTIONS, content_hook=f"{__name__}:SECRET"), measurements_of({}))


async def test_a_form_goes_by_the_function_as_a_prompt_does() -> None:
    told: list[Content] = []

    conversation = await asked(told.append, given=replace(context(), response_format=FORM))

    assert conversation.response_format == FORM
    assert [content.text for content in told] == [SECRET, FORM.text]
    assert {content.kind for content in told} == {"prompt"}


async def test_a_form_is_stopped_rather_than_replaced() -> None:
    def replacing_forms(content: Content) -> str | None:
        return "{}" if content.text == FORM.text else None

    with pytest.raises(ContentStopped):
        await asked(replacing_forms, given=replace(context(), response_format=FORM))


def replacing_forms_too(content: Content) -> str:
    return content.text + "!"


@pytest.mark.parametrize(
    ("hook", "options", "counted"),
    [
        (passing, OPTIONS, {}),
        (replacing, OPTIONS, {}),
        (stopping, OPTIONS, {"ContentHookStops": 1}),
        (replacing_forms_too, OPTIONS, {"ContentHookStops": 1}),
        *((hook, OPTIONS, {"ContentHookFailures": 1}) for hook in FAILURES),
        (failing, PASSING, {"ContentHookFailures": [1, 1]}),
    ],
)
async def test_stops_and_failures_are_counted_apart(
    hook: Any, options: ContentOptions, counted: dict[str, object]
) -> None:
    """What is asked has a form, so that what passes is two calls."""
    measurements = measurements_of({})
    given = replace(context(), response_format=FORM)

    with suppress(ContentStopped):
        await checks_of(hook, options, measurements).context(generation(), given)

    assert measured(measurements) == counted
