"""Where users see which models they may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from functions.generate.routes import route
from functions.shared.times import rfc3339
from functions.shared.wire.bodies import Model, ModelPrice, Models

if TYPE_CHECKING:
    from functions.generate.api import Api
    from functions.generate.routes import Call
    from functions.generate.settings import GenerateOptions
    from functions.shared.budgets.prices import Price


@route("GET", "/api/chat/models", returns=Models)
def list_models(api: Api, call: Call) -> Models:
    """List the models that a prompt may name. Nothing is told of servers and keys."""
    return {
        "models": [_model(api.settings, name) for name in api.settings.model_names],
        "default": api.settings.default_model_name,
        "timestamp": rfc3339(call.now),
    }


def _model(options: GenerateOptions, name: str) -> Model:
    row = options.table.row(name)
    return {
        "name": name,
        "is_default": name == options.default_model_name,
        "context_tokens": row.context_tokens or None,
        "output_tokens": options.table.output_of(name) or None,
        "price": _price(options.price_of(name)),
        "accepts": ["text", *options.accepted_by(name)],
        "structured_output": row.structured_output,
    }


def _price(price: Price | None) -> ModelPrice | None:
    if price is None:
        return None
    return {"input": price.input, "cached_input": price.cached, "output": price.output}
