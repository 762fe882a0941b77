"""The settings of the generate function."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from functions.shared.budgets.options import BudgetOptions
from functions.shared.connections.options import ConnectionOptions
from functions.shared.models.texts import ANY_MODEL, MODEL
from functions.shared.origins import OriginOptions
from functions.shared.setting_rules import Switch, Whole
from functions.shared.setting_texts import Texts
from functions.shared.settings import Options, setting
from functions.shared.tokens.options import TokenOptions, TokenSettings


@dataclass(frozen=True, kw_only=True)
class TicketOptions(Options, section="admission"):
    """How many tickets a user may take."""

    tickets_per_minute: int = setting(
        60,
        Whole(1, 300),
        "tickets that one user may take within a minute; one more is refused with 429",
    )


@dataclass(frozen=True, kw_only=True)
class ModelChoiceOptions(Options, section="model"):
    """Which models a prompt may name."""

    llm_model: str = setting("gpt-5-mini", MODEL, "the model for prompts that name none")
    llm_allowed_models: tuple[str, ...] = setting(
        (), Texts(MODEL, at_most=10), "the models that a prompt may name; empty: only `llm_model`"
    )

    default_model: str = setting(
        "", ANY_MODEL, "the one of `models` for prompts that name none; empty: the first"
    )


@dataclass(frozen=True, kw_only=True)
class PromptOptions(Options, section="generation"):
    """How many prompts are accepted, how long they may be, and how long they are kept."""

    max_prompt_bytes: int = setting(100_000, Whole(1000, 300_000), "a longer prompt is refused with 413")
    prompts_per_minute: int = setting(
        60,
        Whole(1, 300),
        "how many prompts a user may hand in within a minute; one more is refused with 429",
    )
    prompts_at_once: int = setting(20, Whole(1, 100), "how many of a user's answers may be under way at once")
    queue_deadline_seconds: int = setting(
        300, Whole(10, 3600), "a prompt that has waited for longer is not sent to the model any more"
    )
    retention_days: int = setting(7, Whole(1, 365), "how long prompts and answers are kept")

    @property
    def queue_deadline(self) -> timedelta:
        """How long a prompt may wait for a worker."""
        return timedelta(seconds=self.queue_deadline_seconds)

    @property
    def retention(self) -> timedelta:
        """How long a generation is kept."""
        return timedelta(days=self.retention_days)


@dataclass(frozen=True, kw_only=True)
class AttachmentOptions(Options, section="attachments"):
    """Whether prompts may have images and files."""

    attachments: bool = setting(
        False,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether there is a bucket for images and files that prompts are sent with",
    )
    attachment_max_bytes: int = setting(
        5_000_000, Whole(1000, 20_000_000), "the largest of them; model servers have limits of their own"
    )


@dataclass(frozen=True, kw_only=True)
class GenerateOptions(
    TicketOptions,
    PromptOptions,
    AttachmentOptions,
    ModelChoiceOptions,
    BudgetOptions,
    TokenOptions,
    ConnectionOptions,
    OriginOptions,
):
    """What a deployment decides about prompts."""

    @property
    def model_names(self) -> tuple[str, ...]:
        """The models that a prompt may ask for."""
        return self.table.names or self.llm_allowed_models or (self.llm_model,)

    def accepted_by(self, model: str) -> tuple[str, ...]:
        """What a model takes besides text; of models without a table that is for their server to say."""
        if not self.attachments:
            return ()
        return self.table.row(model).accepts if self.models else ("image", "file")

    @property
    def default_model_name(self) -> str:
        """The model for prompts that name none."""
        return (self.default_model or self.table.names[0]) if self.models else self.llm_model


@dataclass(frozen=True, kw_only=True)
class GenerateSettings(GenerateOptions, TokenSettings):
    """The environment of the generate function."""

    table_name: str
    queue_url: str
    reminders_url: str
    """The queue that brings a prompt to mind some time after it was accepted."""
    websocket_url: str
    """Where sockets open, as clients see it."""
    attachments_bucket: str = ""
    """Where attachments are uploaded to; empty where there are none."""
    edge_secret_arn: str = ""
    """How the edge proves itself; empty where there is none."""
