"""Which model answers: the one that the environment names, or else the stand-in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.models.texts import BASE_URL
from local.errors import UnusableModel

if TYPE_CHECKING:
    from collections.abc import Mapping

OPENAI = "https://api.openai.com/v1"
STAND_IN = "stand-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model server, as the worker has to know it."""

    base_url: str
    name: str | None  # None: the deployment's own default.
    key: str = field(repr=False)

    @classmethod
    def named_by(cls, environ: Mapping[str, str]) -> Model | None:
        """Return the model that the environment names; nothing if the stand-in shall answer.

        LLM_BASE_URL points at any server, such as a test's, which never sees the key of a real one;
        OPENAI_API_KEY or OPENAI_BASE_URL point at a real one.

        Raises:
            UnusableModel: If an address is none that the deployment would take.
        """
        name = environ.get("OPENAI_MODEL", "").strip() or None
        if url := _address(environ, "LLM_BASE_URL"):
            return cls(base_url=url, name=name or STAND_IN, key="none")
        key = environ.get("OPENAI_API_KEY", "").strip()
        url = _address(environ, "OPENAI_BASE_URL")
        if key or url:
            return cls(base_url=url or OPENAI, name=name, key=key or "none")
        return None

    @classmethod
    def stand_in(cls, port: int) -> Model:
        return cls(base_url=f"http://127.0.0.1:{port}/v1", name=STAND_IN, key="none")


def _address(environ: Mapping[str, str], variable: str) -> str:
    url = environ.get(variable, "").strip()
    try:
        return BASE_URL.parse(url) if url else ""
    except ValueError:
        raise UnusableModel(variable) from None  # It may hold a secret, and so may the error.
