"""What a component logs: one sentence, and named facts beside it. It knows no format and no destination."""

from __future__ import annotations

import logging

ROOT = "functions"
"""The parent of all modules' logs. A handler says what becomes of it: see `powertools_log`."""


class Log:
    """The log of one module."""

    def __init__(self, name: str) -> None:
        """Take the module's name; it begins with ROOT."""
        self._logger = logging.getLogger(name)

    def info(self, sentence: str, **facts: object) -> None:
        """Say what happened."""
        self._logger.info(sentence, extra=facts, stacklevel=2)

    def warning(self, sentence: str, **facts: object) -> None:
        """Say what went wrong and was coped with."""
        self._logger.warning(sentence, extra=facts, stacklevel=2)

    def exception(self, sentence: str, **facts: object) -> None:
        """Say what went wrong, with the exception that is being handled."""
        self._logger.log(logging.ERROR, sentence, exc_info=True, extra=facts, stacklevel=2)
