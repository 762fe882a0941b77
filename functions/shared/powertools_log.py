"""Lets all modules of a function log as Powertools' JSON, with the keys of the invocation and of its work."""

from __future__ import annotations

import logging
from typing import Any

from aws_lambda_powertools import Logger

from functions.shared.log import ROOT
from functions.shared.log_context import current

OF_THE_LOG_GROUP = {"function_name", "function_arn", "function_memory_size"}
"""What Powertools would add to each line and is the same in all of a log group: a third of most lines."""


class _BriefLogger(Logger):
    """Leaves out what the log group says."""

    def append_keys(self, **additional_keys: object) -> None:
        """Add keys to each line."""
        super().append_keys(
            **{name: value for name, value in additional_keys.items() if name not in OF_THE_LOG_GROUP}
        )


def powertools_logger(**options: Any) -> Logger:
    """Make a handler's logger, and send through it what the modules log."""
    logger = _BriefLogger(**options)
    for handler in logger.handlers:
        handler.addFilter(_with_context)
    ours = logging.getLogger(ROOT)
    ours.handlers = list(logger.handlers)
    ours.setLevel(logger.log_level)
    ours.propagate = False  # Lambda's own handler would say everything a second time.
    return logger


def _with_context(record: logging.LogRecord) -> bool:
    """Add the facts of the work under way; what the line says itself counts."""
    for name, value in current().items():
        if name not in record.__dict__:
            record.__dict__[name] = value
    return True
