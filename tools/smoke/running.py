"""Makes the checks one after the other; whatever happens in one, the next is made."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from framestream.errors import FrameStreamError
from functions.shared.errors import FramestreamError
from tools.advice import advice
from tools.smoke.findings import FailedError, Finding, NotApplicableError, Outcome
from tools.smoke.sockets import RefusedError
from tools.smoke.table import CHECKS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from tools.smoke.site import Site
    from tools.smoke.table import Check

LONGEST = 120.0
"""Seconds for one check, beside the site's patience with AWS."""


async def findings(
    site: Site, *, only: Collection[str] = (), without: Collection[str] = ()
) -> AsyncIterator[Finding]:
    """Make the checks, and yield what each found as soon as it is known."""
    for name, check in CHECKS.items():
        if only and name not in only:
            continue
        if name in without:
            yield Finding(check=name, outcome=Outcome.LEFT_OUT, sentence="You asked for it not to be made.")
            continue
        began = time.monotonic()
        outcome, sentence = await _made(check, site)
        yield Finding(check=name, outcome=outcome, sentence=sentence, seconds=time.monotonic() - began)


async def _made(check: Check, site: Site) -> tuple[Outcome, str]:
    try:
        async with asyncio.timeout(LONGEST + site.patience):
            return Outcome.OK, await check(site)
    except NotApplicableError as error:
        return Outcome.NOT_APPLICABLE, f"{str(error)[:1].upper()}{str(error)[1:]}."
    except Exception as error:  # noqa: BLE001  Whatever one check meets, the others are made.
        return Outcome.FAILED, _sentence(error).replace(site.token, "(the token)")


def _sentence(error: Exception) -> str:
    match error:
        case FailedError():
            return str(error)
        case RefusedError():
            code = f", code {error.code}" if error.code else ""
            return f"A handshake with a valid token was refused with {error.status}{code}."
        case TimeoutError():
            return "It was not done in time."
        case FrameStreamError():
            return f"The server refused or failed ({error.code}): {error}"
        case ClientError() | BotoCoreError() | FramestreamError():
            return advice(error)
    return f"Something unexpected happened: {type(error).__name__}: {error}"
