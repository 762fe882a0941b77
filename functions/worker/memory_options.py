"""The settings about how much of its chat a prompt is sent with."""

from __future__ import annotations

from dataclasses import dataclass

from functions.shared.models.texts import ANY_MODEL
from functions.shared.setting_rules import Switch, Whole
from functions.shared.settings import Options, setting


@dataclass(frozen=True, kw_only=True)
class MemoryOptions(Options, section="memory"):
    """How much of its chat a prompt is sent with."""

    context_tokens: int = setting(
        16_000,
        Whole(0, 2_000_000),
        "how many tokens a prompt may take with earlier turns and its answer; less than the model takes; "
        "0: every prompt stands alone",
    )
    recent_turns: int = setting(
        3, Whole(1, 100), "how many of the latest turns a prompt is sent with in any case, with the first one"
    )
    summaries: bool = setting(
        True,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether turns that will no longer fit are summarised, by one call of the model after an answer; "
        "otherwise they are left out",
    )
    summary_model: str = setting("", ANY_MODEL, "the model that summarises; empty: the one that has answered")
