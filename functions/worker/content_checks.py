"""Calls a deployment's own function about prompts and answers: in bounded time, and whatever it does.

A function that fails, takes too long or returns something else stops the answer, unless the deployment
decided otherwise. No text of a prompt or an answer, and no sentence of an exception, gets into a log.
"""

from __future__ import annotations

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from functions.shared.errors import FramestreamError, SettingsError
from functions.shared.log import Log
from functions.shared.metrics import Metric
from functions.worker.checked_model import CheckedModel
from functions.worker.content_hook import STOP, Attached, Content
from functions.worker.ports import ContentStopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.shared.generations.model import Generation
    from functions.shared.measurements import Measurements
    from functions.worker.attached_file import AttachedFile
    from functions.worker.context import Context, PastTurn
    from functions.worker.model_reader import ModelReader
    from functions.worker.settings import ContentOptions

logger = Log(__name__)

THREADS = 8
"""Of its own: a function that hangs must not take those that extend leases."""


class BadVerdict(FramestreamError):
    """The function returned something that means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentChecks:
    """Asks the function about prompts and answers."""

    hook: Callable[[Content], object]
    options: ContentOptions
    measurements: Measurements
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, thread_name_prefix="content_hook")
    )

    async def context(self, generation: Generation, context: Context) -> Context:
        """Return what the model is given: the prompt, and what was asked before, as the function has it.

        Raises:
            ContentStopped: If the model is not asked.
        """
        some = asyncio.Semaphore(THREADS)

        def prompt(text: str, attachments: tuple[str, ...]) -> Content:
            return replace(
                _content(generation, "prompt", text), attachments=_attached(context.files_of(attachments))
            )

        async def asked(turn: PastTurn) -> PastTurn:
            async with some:
                content = prompt(turn.question, turn.attachments)
                return replace(turn, question=await self._prompt(replace(content, is_earlier=True)))

        own = await self._prompt(prompt(context.prompt, context.attachments))
        if context.response_format is not None:
            await self._pass(_content(generation, "prompt", context.response_format.text))
        history = context.history
        turns = tuple(await asyncio.gather(*map(asked, history.turns)))
        first = await asked(history.first) if history.first else None
        return replace(context, prompt=own, history=replace(history, first=first, turns=turns))

    def reader(self, reader: ModelReader, generation: Generation) -> ModelReader:
        """Return a reader of the same model whose text is checked before it is shown."""

        async def check(text: str, before: str) -> None:
            await self._replacement(_content(generation, "answer", text, before))

        held_back = self.options.content_hook_held_back_characters
        return replace(reader, model=CheckedModel(model=reader.model, check=check, held_back=held_back))

    async def _prompt(self, content: Content) -> str:
        replacement = await self._replacement(content)
        return content.text if replacement is None else replacement

    async def _pass(self, content: Content) -> None:
        """Ask about what cannot be replaced: a schema's sentences go to the model, too."""
        if await self._replacement(content) not in {None, content.text}:
            self._stopped(content)
            raise ContentStopped

    async def _replacement(self, content: Content) -> str | None:
        try:
            async with asyncio.timeout(self.options.content_hook_timeout_milliseconds / 1000):
                said = await self._called(content)
            replacement = _understood(said, content)
        except ContentStopped:
            self._stopped(content)
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001  what fails in there is not ours to know
            logger.warning("the content hook failed", kind=content.kind, error=type(error).__name__)
            self.measurements.add(Metric.CONTENT_HOOK_FAILURES)
            if self.options.content_hook_on_failure == "stop":
                raise ContentStopped from None
            return None
        return replacement

    def _stopped(self, content: Content) -> None:
        logger.info("the content hook stopped it", kind=content.kind)
        self.measurements.add(Metric.CONTENT_HOOK_STOPS)

    async def _called(self, content: Content) -> object:
        if inspect.iscoroutinefunction(self.hook):
            return await self.hook(content)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, partial(self.hook, content))


def _understood(said: object, content: Content) -> str | None:
    if said is STOP:
        raise ContentStopped
    if said is None or (isinstance(said, str) and content.kind == "prompt" and said):
        return said
    raise BadVerdict


def _content(
    generation: Generation, kind: Literal["prompt", "answer"], text: str, before: str = ""
) -> Content:
    return Content(
        kind=kind,
        text=text,
        before=before,
        user_id=generation.user_id,
        chat_id=generation.chat_id,
        generation_id=generation.generation_id,
        model=generation.model,
    )


def _attached(files: tuple[AttachedFile, ...]) -> tuple[Attached, ...]:
    return tuple(Attached(file.name, file.media_type, len(file.content)) for file in files)


def content_checks(options: ContentOptions, measurements: Measurements) -> ContentChecks:
    """Import the function that a deployment has named.

    Raises:
        SettingsError: If there is no such function.
    """
    module, _, name = options.content_hook.partition(":")
    hook = getattr(import_module(module), name, None)
    if not callable(hook):
        raise SettingsError(f"CONTENT_HOOK names {options.content_hook}, which is no function")
    return ContentChecks(hook=hook, options=options, measurements=measurements)
