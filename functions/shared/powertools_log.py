"""Lets all modules of a function log as Powertools' JSON, with the keys of the invocation and of its work."""

from __future__ import annotations

import logging
from typing import Any

from aws_lambda_powertools import Logger

from functions.shared.log import ROOT
from functions.shared.log_context import current


def powertools_logger(**options: Any) -> Logger:
    """Make a handler's logger, and send through it what the modules log."""
    logger = Logger(**options)
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
