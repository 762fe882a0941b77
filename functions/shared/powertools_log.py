"""Lets all modules of a function log as Powertools' JSON, with the keys of the invocation."""

from __future__ import annotations

import logging
from typing import Any

from aws_lambda_powertools import Logger

from functions.shared.log import ROOT


def powertools_logger(**options: Any) -> Logger:
    """Make a handler's logger, and send through it what the modules log."""
    logger = Logger(**options)
    ours = logging.getLogger(ROOT)
    ours.handlers = list(logger.handlers)
    ours.setLevel(logger.log_level)
    ours.propagate = False  # Lambda's own handler would say everything a second time.
    return logger
