"""Asks one question and shows the answer as it arrives; what is said about it goes to standard error, dim."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from framestream import FrameStreamError, GenerationFailed, SyncFrameStreamClient, Unreachable
from framestream.terminal.following import follow
from framestream.terminal.plain import Plain
from local.errors import CannotAsk
from local.tokens import token_for

if TYPE_CHECKING:
    from local.endpoints import Endpoints

CHAT = "terminal"
ACCEPTED_WITHIN = 20.0
"""Seconds. A system on this machine that does not answer is not on its way."""
LIFETIME = timedelta(hours=1)


def ask(prompt: str, *, user: str, endpoints: Endpoints) -> None:
    """Ask, and show the whole answer. Ctrl-C stops it.

    Raises:
        CannotAsk: If the system does not answer, does not accept the prompt, or the answer failed.
    """

    def token() -> str:
        return token_for(user, secret=endpoints.jwt_secret, now=datetime.now(UTC), lifetime=LIFETIME)

    client = SyncFrameStreamClient(
        endpoints.http_url, token, user_id=user, origin=endpoints.origin, trust_env=False
    )
    try:
        with client:
            follow(client.generate(CHAT, prompt, timeout=ACCEPTED_WITHIN), Plain())
    except GenerationFailed as error:
        raise CannotAsk(f"There is no answer ({error.code}): {error}") from error
    except (TimeoutError, Unreachable) as error:
        raise CannotAsk(f"The system did not answer ({error}): see `python -m local status`.") from error
    except FrameStreamError as error:
        raise CannotAsk(f"The system refused ({error.code}): {error}") from error
