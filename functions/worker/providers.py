"""The providers that can be asked for answers, and which of them a model is asked at.

A provider is a file of its own and a row here, which imports the file when it makes a model: the deployment
reads the rows, and has nothing that providers run on. The handler imports the files while Lambda starts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from functions.shared.generations.failures import Failure
from functions.shared.models.table import UnknownModel
from functions.worker.model import ModelFailed
from functions.worker.think_tags import divided

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

    from functions.shared.models.row import ModelRow
    from functions.shared.models.table import ModelTable
    from functions.worker.conversation import Conversation
    from functions.worker.model import Model, Piece
    from functions.worker.settings import WorkerSettings

    ReadSecret = Callable[[str], Awaitable[str]]
    """Reads a secret by its name or ARN."""
    Make = Callable[[ModelRow, WorkerSettings, ReadSecret], Model]
    """Makes a model, with the settings as they are for it."""


def _openai(row: ModelRow, settings: WorkerSettings, secret: ReadSecret) -> Model:
    from functions.worker.openai_model import openai_model  # noqa: PLC0415

    return openai_model(row, settings, secret)


def _bedrock(row: ModelRow, settings: WorkerSettings, _secret: ReadSecret) -> Model:
    from functions.worker.bedrock.model import bedrock_model  # noqa: PLC0415

    model = bedrock_model(row, settings)
    if not row.role:
        return model
    from functions.worker.bedrock.assumed_role import in_role  # noqa: PLC0415

    return in_role(model, row)


PROVIDERS: Mapping[str, Make] = {"openai": _openai, "bedrock": _bedrock}
"""By what a row calls them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedModel:
    """All models of a deployment; each is made when it is first asked."""

    table: ModelTable
    make: Callable[[ModelRow], Model]
    _made: dict[str, Model] = field(default_factory=dict, repr=False)

    def pieces(self, conversation: Conversation, *, model: str) -> AsyncGenerator[Piece]:
        """Ask the model of this name.

        Raises:
            ModelFailed: If there is none, and whenever that model fails.
        """
        try:
            row = self.table.row(model)
        except UnknownModel:
            raise ModelFailed(Failure.REJECTED, broke_off=False, error="UnknownModel") from None
        # Without rows, all names are models of one server.
        place = row.name if self.table.rows else ""
        if place not in self._made:
            self._made[place] = self.make(row)
        pieces = self._made[place].pieces(conversation, model=row.id)
        return divided(pieces) if row.think_tags else pieces


def model_of(settings: WorkerSettings, secret: ReadSecret) -> RoutedModel:
    """Make the models that a deployment has set up."""

    def make(row: ModelRow) -> Model:
        return PROVIDERS[row.provider](row, settings.of(row.name), secret)

    return RoutedModel(table=settings.table, make=make)


def call_attributes(settings: WorkerSettings, model: str) -> dict[str, str]:
    """What a trace says of the calls of a model: provider and server."""
    row = settings.table.find(model)
    if row is not None and row.provider == "bedrock":
        return {"gen_ai.provider.name": "aws.bedrock"}
    address = urlsplit(settings.of(model).llm_base_url).hostname or ""
    return {"gen_ai.provider.name": "openai", "server.address": address}
