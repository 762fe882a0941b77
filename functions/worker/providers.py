"""The providers that can be asked for answers, and which of them a model is asked at.

A provider is a file of its own, which knows the port in `model`, and a row here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from functions.shared.generations.failures import Failure
from functions.shared.models.row import BEDROCK, OPENAI
from functions.shared.models.table import UnknownModel
from functions.worker import openai_model
from functions.worker.bedrock import model as bedrock_model
from functions.worker.model import ModelFailed
from functions.worker.think_tags import divided

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from functions.shared.models.row import ModelRow
    from functions.shared.models.table import ModelTable
    from functions.worker.conversation import Conversation
    from functions.worker.model import Model, Piece, Provider, ReadSecret
    from functions.worker.settings import WorkerSettings


PROVIDERS: Mapping[str, Provider] = {OPENAI: openai_model.PROVIDER, BEDROCK: bedrock_model.PROVIDER}
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
        return PROVIDERS[row.provider].make(row, settings.of(row.name), secret)

    return RoutedModel(table=settings.table, make=make)


def call_attributes(settings: WorkerSettings, model: str) -> dict[str, str]:
    """What a trace says of the calls of a model, which may have been taken out meanwhile."""
    row = settings.table.find(model)
    return PROVIDERS[row.provider if row else OPENAI].trace_attributes(settings.of(model))
