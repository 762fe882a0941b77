"""How the settings of models must fit together, and with budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.config.account_limits import Inconsistency

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.config.fields import Config

EXCEPT = ", except for target local"


def inconsistent_models(config: Config) -> Iterator[Inconsistency]:
    """Yield every setting of a model that contradicts another setting."""
    yield from _one_server(config) if not config.models else _table(config)
    yield from _budgets(config)
    yield from _addresses(config)
    yield from _roles(config)


def _one_server(config: Config) -> Iterator[Inconsistency]:
    if config.llm_model not in config.model_names:
        yield Inconsistency(
            "llm_model", f"it must be one of llm_allowed_models, which are {', '.join(config.model_names)}"
        )
    if config.default_model:
        yield Inconsistency("default_model", "without models it must be empty: llm_model is the default")


def _table(config: Config) -> Iterator[Inconsistency]:
    names = ", ".join(config.model_names)
    if config.default_model and config.default_model not in config.model_names:
        yield Inconsistency("default_model", f"it must be one of models, which are {names}")
    if config.summary_model and config.summary_model not in config.model_names:
        yield Inconsistency("summary_model", f"it must be one of models, which are {names}")
    if config.llm_allowed_models:
        yield Inconsistency("llm_allowed_models", "with models it must be empty: these are all there are")
    if config.llm_model != type(config).__dataclass_fields__["llm_model"].default:
        yield Inconsistency("llm_model", "with models it must not be set: default_model names the default")


def _budgets(config: Config) -> Iterator[Inconsistency]:
    """A hold is the most that an answer may use, so that must be known: its length, and its price."""
    unlimited = [name for name in config.model_names if not config.table.output_of(name)]
    if config.has_budget and unlimited:
        own = f", or output_tokens of {unlimited[0]}" if config.models else ""
        yield Inconsistency(
            "llm_max_output_tokens", f"a budget needs it{own}: as much is held for an answer before it begins"
        )
    if config.limits_money and (unpriced := config.without_price(_asked(config))):
        yield Inconsistency(
            "llm_prices",
            f"a budget in US dollars needs the price of each model, and of {unpriced[0]} none is known",
        )


def _asked(config: Config) -> tuple[str, ...]:
    """All models that are asked for anything."""
    return (*config.model_names, config.summary_model) if config.summary_model else config.model_names


def _addresses(config: Config) -> Iterator[Inconsistency]:
    if config.target == "local":
        return
    for row in config.models:
        if row.base_url.startswith("http://"):
            yield _of_row(row.name, "base_url", row.base_url, f"it must start with https://{EXCEPT}")
        if row.endpoint_url:
            yield _of_row(row.name, "endpoint_url", row.endpoint_url, f"it must be empty{EXCEPT}")


def _roles(config: Config) -> Iterator[Inconsistency]:
    for row in config.models:
        if row.external_id and not row.role:
            yield _of_row(row.name, "external_id", row.external_id, "it goes with a role, and there is none")


def _of_row(name: str, field: str, value: str, must: str) -> Inconsistency:
    return Inconsistency(f"models.{name}.{field}", must, repr(value))
