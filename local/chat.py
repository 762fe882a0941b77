"""Asks the local system, once or in a session, and shows answers as they arrive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from framestream import FrameStreamError, GenerationFailed, SyncFrameStreamClient, Unreachable
from framestream.terminal.following import follow
from framestream.terminal.plain import Plain
from framestream.terminal.session import Session
from local.errors import CannotAsk
from local.tokens import token_for

if TYPE_CHECKING:
    from local.endpoints import Endpoints

CHAT = "terminal"
SUBMIT_TIMEOUT = 20.0
"""Seconds. A local system that does not answer by then is not starting up."""
LIFETIME = timedelta(hours=1)


def ask(prompt: str | None, *, user: str, endpoints: Endpoints) -> None:
    """Submit a prompt, and show the whole answer; without one, talk until the input ends. Ctrl-C cancels.

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
            if prompt is None:
                Session(client=client, chat_id=CHAT, presenter=Plain, timeout=SUBMIT_TIMEOUT).run()
            else:
                follow(client.generate(CHAT, prompt, timeout=SUBMIT_TIMEOUT), Plain())
    except GenerationFailed as error:
        raise CannotAsk(f"There is no answer ({error.code}): {error}") from error
    except (TimeoutError, Unreachable) as error:
        raise CannotAsk(f"The system did not answer ({error}): see `python -m local status`.") from error
    except FrameStreamError as error:
        raise CannotAsk(f"The system refused ({error.code}): {error}") from error
