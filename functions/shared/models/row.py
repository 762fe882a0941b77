"""One row of the models table: where a model is, how it is asked, how much it takes, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from functions.shared.models.request_additions import Header, Headers, Parameters
from functions.shared.models.row_rules import (
    ExtraParameters,
    Guardrail,
    GuardrailRule,
    RowPrice,
    SecretName,
    Words,
)
from functions.shared.models.texts import (
    ANY_MODEL,
    EXTERNAL_ID,
    LONG_PROMPT,
    LOOPBACK_URL,
    MODEL_ID,
    OWN_BASE_URL,
    REGION,
    ROLE,
)
from functions.shared.setting_rules import NotAllowedError, NotAllowedInside, OneOf, Switch, Whole
from functions.shared.setting_texts import NOT_SHOWN, shown
from functions.shared.settings import rule_of, setting

if TYPE_CHECKING:
    from dataclasses import Field

    from functions.shared.budgets.prices import Price

OPENAI, BEDROCK = "openai", "bedrock"
ONLY = {
    OPENAI: ("base_url", "key_secret", "headers", "query"),
    BEDROCK: ("region", "role", "external_id", "endpoint_url", "guardrail", "cache"),
}
"""All providers, and the fields that only rows of one have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One model. What is empty is as the deployment's settings have it for all."""

    name: str
    """What a prompt calls it, and what is recorded of it."""
    provider: str = setting(
        OPENAI,
        OneOf(*ONLY),
        "what its server speaks: OpenAI's chat completions, or Bedrock's Converse",
    )
    model_id: str = setting("", MODEL_ID, "what its server calls it; empty: as the row is called")
    base_url: str = setting(
        "", OWN_BASE_URL, "the server; empty: `llm_base_url`, with its key, `llm_headers` and `llm_query`"
    )
    key_secret: str = setting(
        "",
        SecretName(),
        "an existing secret that holds the server's key; empty: none, or that of `llm_base_url`",
    )
    headers: tuple[Header, ...] = setting((), Headers(), "sent with each request, as `llm_headers`")
    query: tuple[tuple[str, str], ...] = setting(
        (), Parameters(), "appended to each request's address, as `llm_query`"
    )
    region: str = setting("", REGION, "where Bedrock is asked; empty: in the stack's Region")
    role: str = setting(
        "", ROLE, "a role that the worker assumes to ask Bedrock, such as another account's; empty: its own"
    )
    external_id: str = setting("", EXTERNAL_ID, "what the trust policy of `role` asks for besides")
    endpoint_url: str = setting("", LOOPBACK_URL, "a stand-in for Bedrock; only with `target` local")
    context_tokens: int = setting(
        0,
        Whole(0, 10_000_000),
        "how many tokens a prompt may take with earlier turns and its answer; 0: as `context_tokens`",
    )
    output_tokens: int = setting(
        0, Whole(0, 1_000_000), "the limit that is sent with a prompt; 0: `llm_max_output_tokens`"
    )
    price: Price | None = setting(
        None, RowPrice(), "what it costs; empty: as `llm_prices` or the list that framestream knows"
    )
    parameters: tuple[tuple[str, object], ...] = setting(
        (), ExtraParameters(), 'what joins the body of each request, such as {"temperature": 0.2}'
    )
    system_prompt: str = setting(
        "", LONG_PROMPT, "what is put before every prompt; empty: `llm_system_prompt`"
    )
    fallback: str = setting(
        "", ANY_MODEL, "the row that answers if this one is not available before its first text; empty: none"
    )
    think_tags: bool = setting(
        False,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether it writes its reasoning into the text, between `<think>` and `</think>`",
    )
    guardrail: Guardrail | None = setting(
        None, GuardrailRule(), "what Bedrock checks prompts and answers with"
    )
    cache: bool = setting(
        False,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether Bedrock is told what to cache of a prompt; not every model takes that",
    )
    accepts: tuple[str, ...] = setting((), Words("image", "file"), "what it takes besides text")
    structured_output: bool = setting(
        True,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether its server takes a JSON Schema for an answer; otherwise the prompt asks for it in words",
    )

    @property
    def id(self) -> str:
        """What its server calls it."""
        return self.model_id or self.name

    def in_json(self) -> dict[str, object]:
        """Write the row as cdk.json has it, without what is empty."""
        return {
            each.name: rule.in_json(getattr(self, each.name))
            for each, rule in _fields()
            if getattr(self, each.name) != each.default
        }


def row_of(name: str, given: object) -> ModelRow:
    """Read a row.

    Raises:
        NotAllowedInside: If a field is unknown, not allowed, or of another provider; it names row and field.
    """
    if not isinstance(given, Mapping):
        raise NotAllowedInside(name, shown(given), "it must be an object with the fields of a model")
    rules = {each.name: (each, rule) for each, rule in _fields()}
    for field in given:
        if field not in rules:
            raise NotAllowedInside(
                f"{name}.{field}", NOT_SHOWN, f"there is no such field{_meant(field, rules)}"
            )
    row = ModelRow(
        name=name, **{field: _parsed(name, *rules[field], value) for field, value in given.items()}
    )
    for provider, only in ONLY.items():
        for field in only if provider != row.provider else ():
            if field in given:
                raise NotAllowedInside(
                    f"{name}.{field}", NOT_SHOWN, f"only models of the provider {provider} have it"
                )
    return row


def _fields() -> list[tuple[Field[Any], Any]]:
    return [(each, rule) for each in fields(ModelRow) if (rule := rule_of(each))]


def _parsed(name: str, each: Field[Any], rule: Any, value: object) -> Any:
    try:
        return rule.parse(value)
    except ValueError as error:
        why = str(error) if isinstance(error, NotAllowedError) else f"it must be {rule.allowed}"
        # An error that is chained would repeat what is not shown.
        raise NotAllowedInside(f"{name}.{each.name}", shown(value, hides=rule.hides), why) from None


def _meant(field: object, known: Mapping[str, object]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  Only the deployment needs it, once.

    close = get_close_matches(str(field), known, n=1)
    return f"; did you mean {close[0]}?" if close else f": it must be one of {', '.join(known)}"
