"""The settings of the worker function."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal, Self

from functions.shared.budgets.options import BudgetOptions, OutputOptions
from functions.shared.models.request_additions import Header, Headers, Parameters
from functions.shared.models.texts import BASE_URL, PROMPT
from functions.shared.setting_rules import OneOf, Whole
from functions.shared.setting_texts import Text
from functions.shared.settings import Options, Settings, setting
from functions.worker.memory_options import MemoryOptions

ENDPOINT = Text(
    "empty, or a URL that starts with http:// or https:// and has a path such as /v1/traces, without user, "
    "query and fragment",
    r"(https?://[^\s/?#@\\]+/[^\s?#@\\]*)?",
    hides="[@?#]",
)
FUNCTION = Text(
    "empty, or a module and a function of it, such as `policy:check`",
    r"([A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*)?",
)


@dataclass(frozen=True, kw_only=True)
class ModelOptions(OutputOptions, section="model"):
    """Which server is asked for answers, and what it is sent."""

    llm_base_url: str = setting(
        "https://api.openai.com/v1",
        BASE_URL,
        "the server, which speaks OpenAI's chat completions; on AWS it must be https",
    )
    llm_system_prompt: str = setting("", PROMPT, "what is put before every prompt")
    llm_headers: tuple[Header, ...] = setting(
        (),
        Headers(),
        "what is sent with every request to the model; see [Headers](#headers-a-query-and-azure)",
    )
    llm_query: tuple[tuple[str, str], ...] = setting(
        (), Parameters(), "what is appended to the address of every request to the model"
    )


@dataclass(frozen=True, kw_only=True)
class WorkerOptions(ModelOptions, MemoryOptions, BudgetOptions, section="generation"):
    """What a deployment decides about making answers."""

    first_token_timeout_seconds: int = setting(
        60,
        Whole(1, 600),
        "how long the model may take to begin, with text or reasoning; longer while it sends keep-alives",
    )
    stall_timeout_seconds: int = setting(30, Whole(1, 600), "how long it may go without a keep-alive")
    generation_timeout_seconds: int = setting(600, Whole(10, 870), "how long a generation may take")
    max_answer_characters: int = setting(1_000_000, Whole(1000, 10_000_000), "an answer is cut off here")
    reasoning: Literal["kept", "shown", "hidden"] = setting(
        "kept",
        OneOf("kept", "shown", "hidden"),
        "what becomes of a model's reasoning, if it is told: `kept` with the answer, `shown` while it comes "
        "and not stored, or `hidden`",
    )
    max_attempts: int = setting(3, Whole(1, 10), "how often an answer that broke off is begun")
    lease_seconds: int = setting(
        30,
        Whole(10, 300),
        "how long a killed worker's generation stays its own before another takes it over",
    )
    first_frame_interval_milliseconds: int = setting(
        100,
        Whole(10, 2000),
        "the least time between two frames in the first second of a text on one socket",
    )
    frame_interval_milliseconds: int = setting(
        250, Whole(10, 2000), "the least time between two frames on one socket, afterwards"
    )

    def of(self, model: str) -> Self:
        """Return the same for one model: what its row says takes the place of what stands for all.

        Where there is no row for it, nothing changes; it is for the model itself to fail.
        """
        row = self.table.find(model)
        if row is None or not self.models:
            return self
        is_elsewhere = bool(row.base_url)
        return replace(
            self,
            llm_base_url=row.base_url or self.llm_base_url,
            llm_headers=row.headers if is_elsewhere else _together(self.llm_headers, row.headers),
            llm_query=row.query
            if is_elsewhere
            else tuple({**dict(self.llm_query), **dict(row.query)}.items()),
            llm_system_prompt=row.system_prompt or self.llm_system_prompt,
            llm_max_output_tokens=self.table.output_of(model),
            context_tokens=self.context_tokens and (row.context_tokens or self.context_tokens),
        )

    @property
    def first_token_timeout(self) -> timedelta:
        """How long the model may take to begin."""
        return timedelta(seconds=self.first_token_timeout_seconds)

    @property
    def stall_timeout(self) -> timedelta:
        """How long a stream may be silent."""
        return timedelta(seconds=self.stall_timeout_seconds)

    @property
    def lease(self) -> timedelta:
        """How long a claim holds, unless it is extended."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def generation_timeout(self) -> timedelta:
        """How long a generation may take."""
        return timedelta(seconds=self.generation_timeout_seconds)


def _together(headers: tuple[Header, ...], own: tuple[Header, ...]) -> tuple[Header, ...]:
    """Add a row's headers to the deployment's; of one name, the row's is sent."""
    by_name = {header.name.lower(): header for header in (*headers, *own)}
    return tuple(by_name.values())


@dataclass(frozen=True, kw_only=True)
class ContentOptions(Options, section="content"):
    """Whether a function of the deployment's own sees prompts and answers, and may stop them."""

    content_hook: str = setting(
        "", FUNCTION, "a function that sees each prompt and each text before it is shown; empty: none"
    )
    content_hook_timeout_milliseconds: int = setting(
        2000, Whole(10, 20_000), "how long one call of it may take"
    )
    content_hook_on_failure: Literal["stop", "pass"] = setting(
        "stop",
        OneOf("stop", "pass"),
        "what becomes of a text about which it fails, or says nothing in time: `stop` ends the answer",
    )
    content_hook_held_back_characters: int = setting(
        40,
        Whole(0, 2000),
        "so many characters that it let pass are shown once it let pass what follows them, so that nothing "
        "of this length is shown by half",
    )


@dataclass(frozen=True, kw_only=True)
class IntakeOptions(Options, section="worker"):
    """How much one worker takes upon itself."""

    worker_answers: int = setting(
        30,
        Whole(1, 100),
        "answers side by side in one worker, up to which it receives prompts from the queue by itself while "
        "it is busy; fewer while it runs late or its memory is short",
    )
    worker_files_mb: int = setting(
        0,
        Whole(0, 4096),
        "how many megabytes the files of all its prompts may have, which wait for one another; 0: a tenth of "
        "`worker_memory_mb`, since a file takes its size about four times",
    )


@dataclass(frozen=True, kw_only=True)
class TraceOptions(Options, section="logs"):
    """Whether answers are traced."""

    otlp_endpoint: str = setting(
        "", ENDPOINT, "where spans are posted to, as JSON (OTLP over HTTP); empty: no traces are recorded"
    )
    traces_percent: int = setting(
        100, Whole(1, 100), "how many of a hundred traces are recorded; those that their caller drops are not"
    )


@dataclass(frozen=True, kw_only=True)
class WorkerSettings(WorkerOptions, IntakeOptions, TraceOptions, ContentOptions, Settings):
    """The environment of the worker function."""

    table_name: str
    queue_url: str
    reminders_url: str
    """The queue that brings to mind what left a chat's queue."""
    attachments_bucket: str = ""
    """Where attachments are; empty where there are none."""
    llm_key_secret_arn: str = ""
    """The key of `llm_base_url`; empty if no model is asked there."""
