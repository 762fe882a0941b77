"""The settings of the message function."""

from __future__ import annotations

from dataclasses import dataclass

from functions.shared.setting_rules import Whole
from functions.shared.settings import Options, Settings, setting


@dataclass(frozen=True, kw_only=True)
class MessageOptions(Options, section="admission"):
    """How much a client may say."""

    messages_per_minute: int = setting(60, Whole(1, 10_000), "keep-alives that one socket may send")


@dataclass(frozen=True, kw_only=True)
class MessageSettings(MessageOptions, Settings):
    """The environment of the message function."""

    table_name: str
