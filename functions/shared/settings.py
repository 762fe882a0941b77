"""Settings: each declared once, beside the function that uses it, and read from the environment here.

`Options` are what a deployment chooses: each field is a `setting(default, rule, sentence)`. Its name is the
one in cdk.json, and in capitals the variable's. infra/config/fields.py gathers all options,
infra/environment.py writes them into the functions' environments, tools/settings_docs.py into the documents.
`Settings` are a function's options and, as fields without a rule, the names of what the stack has made.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeVar

from functions.shared.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from dataclasses import Field

    from functions.shared.setting_rules import Rule

T = TypeVar("T")
Chosen = TypeVar("Chosen", bound="Options")


def setting(default: T, rule: Rule[T], sentence: str) -> T:
    """Declare an option. It is not printed with the others: some must not be seen in a log."""
    made: T = field(default=default, repr=False, metadata={"rule": rule, "sentence": sentence})
    return made


class Contradiction(NamedTuple):
    """A setting that does not go with another one, and what it must be instead, to follow the word "but"."""

    setting: str
    must: str


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a deployment chooses, each option with a default."""

    section: ClassVar[str]
    """Where docs/deploying.md has the options of this class."""

    def __init_subclass__(cls, *, section: str | None = None) -> None:
        if section:
            cls.section = section

    def contradictions(self) -> Iterator[Contradiction]:
        """Yield every option that contradicts another one."""
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Settings(Options):
    """All that a function finds in its environment."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            SettingsError: If a variable is missing or not usable; it names the variable, and no value.
        """
        given: dict[str, Any] = {each.name: _read(each, environ) for each in fields(cls)}
        settings = cls(**given)
        for name, must in settings.contradictions():
            raise SettingsError(f"{variable(name)} does not fit: {must}")
        return settings


def options_from(kind: type[Chosen], environ: Mapping[str, str]) -> Chosen:
    """Read some options of a function, perhaps of another release: what is missing has its default.

    Raises:
        SettingsError: If a variable is not usable.
    """
    given: dict[str, Any] = {
        each.name: _read(each, environ) for each in fields(kind) if variable(each.name) in environ
    }
    return kind(**given)


def rule_of(each: Field[Any]) -> Rule[Any] | None:
    """Return the rule of an option; nothing for the name of something that the stack makes."""
    rule: Rule[Any] | None = each.metadata.get("rule")
    return rule


def variable(name: str) -> str:
    """Return the name of a setting's environment variable."""
    return name.upper()


def written(settings: type[Settings], value_of: Callable[[str], Any]) -> dict[str, str]:
    """Write the environment that `from_env` of these settings reads.

    What is empty is left out: it reads as empty, and Lambda takes 4 KB in all.
    """
    texts = {
        variable(each.name): rule.text_of(value_of(each.name))
        if (rule := rule_of(each))
        else value_of(each.name)
        for each in fields(settings)
    }
    return {name: text for name, text in texts.items() if text}


def _read(each: Field[Any], environ: Mapping[str, str]) -> object:
    name = variable(each.name)
    text = environ.get(name, "").strip()
    rule = rule_of(each)
    if rule is None:
        if not text and each.default is MISSING:
            raise SettingsError(f"{name} is not set")
        return text
    try:
        return rule.read(text)
    except ValueError:
        # An error that is chained would repeat the value.
        raise SettingsError(f"{name} must be {rule.allowed}" if text else f"{name} is not set") from None
