"""What a field of a row may hold, where that is more than a text, a number or a switch."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from functions.shared.budgets.money import dollars_of, micros_of
from functions.shared.budgets.prices import Price
from functions.shared.setting_rules import NotAllowedError, Rule
from functions.shared.strict_json import check_portable

SECRET = re.compile(
    r"[A-Za-z0-9/_+=.@-]{0,512}"
    r"|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}"
)
GUARDRAIL_ID = re.compile(
    r"[a-z0-9]{1,64}|arn:aws[a-z-]*:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:guardrail/[a-z0-9]{1,64}"
)
GUARDRAIL_VERSION = re.compile(r"[1-9][0-9]{0,7}|DRAFT")
MOST_BYTES = 8192
OURS = {
    **dict.fromkeys(("model", "messages", "stream", "stream_options", "system"), "framestream writes it"),
    **dict.fromkeys(("max_tokens", "max_completion_tokens", "maxTokens"), "use output_tokens"),
    **dict.fromkeys(("n", "best_of"), "an answer is one text"),
    **dict.fromkeys(("modelId", "guardrailConfig"), "it has a field of its own"),
}
"""What parameters cannot say, and why."""


class Guardrail(NamedTuple):
    """What Bedrock checks prompts and answers with."""

    id: str
    version: str


class SecretName(Rule[str]):
    """A secret by its name or ARN; what is no such thing may be the secret itself."""

    hides = ""
    allowed = "the name or ARN of a secret in Secrets Manager, or empty"

    def parse(self, given: object) -> str:
        if not isinstance(given, str) or not SECRET.fullmatch(given):
            raise ValueError("no name")
        return given


class RowPrice(Rule[Price | None]):
    """What a million tokens cost: `3/0.3/15`."""

    allowed = (
        "US dollars for a million tokens of input, of cached input and of output, such as 0.25/0.025/2, each "
        "with at most six decimals; or empty"
    )

    def parse(self, given: object) -> Price | None:
        if given is None or isinstance(given, Price) or given == "":
            return given or None  # type: ignore[return-value]
        parts = given.split("/") if isinstance(given, str) else []
        if len(parts) != 3:
            raise ValueError(given)
        input_price, cached, output = map(micros_of, parts)
        return Price(input_price, cached, output)

    def in_json(self, value: Price | None) -> object:
        return "/".join(map(dollars_of, (value.input, value.cached, value.output))) if value else ""


class ExtraParameters(Rule[tuple[tuple[str, object], ...]]):
    """A JSON object that joins each request."""

    hides = ""
    allowed = f"a JSON object of at most {MOST_BYTES} bytes"

    def parse(self, given: object) -> tuple[tuple[str, object], ...]:
        if isinstance(given, tuple):
            given = dict(given)
        if not isinstance(given, Mapping):
            raise ValueError("no object")  # noqa: TRY004 - a wrong type and a wrong value are one mistake.
        for name in given:
            if why := OURS.get(str(name)):
                raise NotAllowedError(f"it must not hold {name}: {why}")
        try:
            check_portable(dict(given))
            size = len(json.dumps(dict(given), ensure_ascii=False).encode())
        except (TypeError, ValueError, RecursionError) as error:
            raise ValueError("no JSON") from error
        if size > MOST_BYTES:
            raise ValueError("too large")
        return tuple((str(name), value) for name, value in given.items())

    def in_json(self, value: tuple[tuple[str, object], ...]) -> object:
        return dict(value)


class GuardrailRule(Rule[Guardrail | None]):
    """A guardrail of Bedrock."""

    allowed = (
        'null, or an object such as {"id": "abcd1234", "version": "1"}; the version is a number or DRAFT'
    )

    def parse(self, given: object) -> Guardrail | None:
        if given is None or isinstance(given, Guardrail):
            return given
        if not isinstance(given, Mapping) or set(given) != {"id", "version"}:
            raise ValueError(given)
        found = Guardrail(str(given["id"]), str(given["version"]))
        if not GUARDRAIL_ID.fullmatch(found.id) or not GUARDRAIL_VERSION.fullmatch(found.version):
            raise ValueError(given)
        return found

    def in_json(self, value: Guardrail | None) -> object:
        return value and {"id": value.id, "version": value.version}


class Words(Rule[tuple[str, ...]]):
    """A list of words, each once."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.allowed = f"a list of {' and '.join(words)}, or empty"

    def parse(self, given: object) -> tuple[str, ...]:
        if not isinstance(given, list | tuple):
            raise ValueError(given)  # noqa: TRY004 - a wrong type and a wrong value are one mistake here.
        if not set(map(str, given)) <= set(self.words):
            raise ValueError(given)
        return tuple(word for word in self.words if word in given)

    def in_json(self, value: tuple[str, ...]) -> object:
        return list(value)
