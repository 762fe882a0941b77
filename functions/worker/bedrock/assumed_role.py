"""Asks models as a role that the worker assumes, such as one of another account.

Its credentials are fetched when the first prompt needs them, and again before they end: first beside the
prompts, then, if that did not succeed, while these wait. Prompts that wait share one call.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from functions.shared import aws
from functions.worker.bedrock.sts import assume
from functions.worker.model import ModelFailed

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from functions.shared.models.row import ModelRow
    from functions.shared.signing import Credentials
    from functions.worker.bedrock.model import BedrockModel
    from functions.worker.bedrock.sts import Session
    from functions.worker.conversation import Conversation
    from functions.worker.model import Model, Piece

RENEWED_BEFORE = timedelta(minutes=5)
"""Before their end: a role that was assumed by a role has an hour at most."""
LAST_USED_BEFORE = timedelta(seconds=30)
"""Of their end: a request is on its way for so long, and clocks differ."""
INVALID = frozenset({"ExpiredToken", "InvalidClientTokenId", "UnrecognizedClient"})
"""What Bedrock calls credentials that end early, because the role was deleted or its sessions revoked."""


@dataclass(slots=True, kw_only=True)
class AssumedRole:
    """The credentials of one role."""

    assume: Callable[[], Session]
    """Fetches new ones, and blocks; raises ModelFailed."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _session: Session | None = None
    _renewal: asyncio.Task[ModelFailed | None] | None = field(default=None, repr=False)

    def credentials(self) -> Credentials:
        """Return the present ones, which `prepare` has fetched."""
        assert self._session is not None
        return self._session.credentials

    async def prepare(self) -> None:
        """See that there are credentials for a request that begins now.

        Raises:
            ModelFailed: If the role was refused, or could not be asked for.
        """
        left = self._session.until - self.clock() if self._session else timedelta()
        if left > RENEWED_BEFORE:
            return
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew())
        if left > LAST_USED_BEFORE:
            return
        # One that stops waiting, because its prompt was stopped, does not end the call for the others.
        if failed := await asyncio.shield(self._renewal):
            raise failed

    def forget(self) -> None:
        """Fetch others for the next request; one that is about to be signed still needs these."""
        if self._session is not None:
            self._session = replace(self._session, until=self.clock())

    async def _renew(self) -> ModelFailed | None:
        try:
            self._session = await asyncio.to_thread(self.assume)
        except ModelFailed as failed:
            return failed
        finally:
            self._renewal = None
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleModel:
    """Asks a model with the credentials of a role."""

    model: Model
    role: AssumedRole

    async def pieces(self, conversation: Conversation, *, model: str) -> AsyncGenerator[Piece]:
        """Yield the pieces of an answer.

        Raises:
            ModelFailed: If the role was refused, and whenever the model fails.
        """
        await self.role.prepare()
        try:
            async with aclosing(self.model.pieces(conversation, model=model)) as pieces:
                async for piece in pieces:
                    yield piece
        except ModelFailed as failed:
            if (failed.provider_code or "").removesuffix("Exception") in INVALID:
                self.role.forget()
            raise


def in_role(model: BedrockModel, row: ModelRow) -> RoleModel:
    """Have a model asked as the role that its row names."""
    role = AssumedRole(assume=partial(assume, aws.query_service("sts"), row.role, row.external_id))
    client = replace(model.client, credentials=role.credentials)
    return RoleModel(model=replace(model, client=client), role=role)
