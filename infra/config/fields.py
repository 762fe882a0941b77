"""The deployment's settings: their defaults, what each may hold, and how they must fit together."""

from collections.abc import Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from typing import Any, Literal, Self, TypeVar

from infra.config import texts
from infra.config.consistency import inconsistencies
from infra.config.kinds import (
    NOT_SHOWN,
    PRIVATE_KEY,
    NotAllowedError,
    OneOf,
    Rule,
    Switch,
    Texts,
    Whole,
    WholeAmong,
    shown,
)
from infra.config.llm_request import Header, Headers, Parameters

T = TypeVar("T")

PREFIX = "framestream"


class ConfigError(Exception):
    """A deployment setting that cannot be used; the sentence names it."""


def _setting(default: T, rule: Rule[T]) -> T:
    made: T = field(default=default, metadata={"rule": rule})
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every deployment setting, checked; docs/deploying.md says what each one is for."""

    stack_name: str = _setting("framestream", texts.STACK_NAME)
    target: Literal["aws", "local"] = _setting("aws", OneOf(("aws", "local")))
    removal: Literal["retain", "destroy"] = _setting("retain", OneOf(("retain", "destroy")))
    table_name: str = _setting("", texts.TABLE_NAME)
    table_warm_writes: int = _setting(4000, Whole(4000, 40_000))

    allowed_origins: tuple[str, ...] = _setting(("http://localhost:5173",), Texts(texts.ORIGIN, at_least=1))
    allow_missing_origin: bool = _setting(False, Switch())  # noqa: FBT003 - the name is on the left.
    connections_per_user: int = _setting(3, Whole(1, 10))
    connection_policy: Literal["reject", "evict_oldest"] = _setting(
        "reject", OneOf(("reject", "evict_oldest"))
    )
    connection_lifetime_seconds: int = _setting(7200, Whole(60, 7200))
    token_grace_seconds: int = _setting(60, Whole(0, 3600))
    messages_per_minute: int = _setting(60, Whole(1, 10_000))

    token_algorithm: Literal[
        "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "ES256", "EdDSA"
    ] = _setting(
        "HS256", OneOf(("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "ES256", "EdDSA"))
    )
    token_public_key: str = _setting("", texts.PUBLIC_KEY)
    token_jwks_url: str = _setting("", texts.JWKS_URL)
    token_max_age_seconds: int = _setting(86_400, Whole(60, 2_592_000))
    token_issuer: str = _setting("", texts.TEXT)
    token_audience: str = _setting("", texts.TEXT)
    token_user_claims: tuple[str, ...] = _setting(("sub", "user_id"), Texts(texts.CLAIM, at_least=1))
    token_secret_name: str = _setting("", texts.SECRET_NAME)

    llm_provider: Literal["openai"] = _setting("openai", OneOf(("openai",)))
    llm_base_url: str = _setting("https://api.openai.com/v1", texts.BASE_URL)
    llm_model: str = _setting("gpt-5-mini", texts.MODEL)
    llm_allowed_models: tuple[str, ...] = _setting((), Texts(texts.MODEL, at_most=10))
    llm_key_secret_name: str = _setting("", texts.SECRET_NAME)
    llm_system_prompt: str = _setting("", texts.PROMPT)
    llm_max_output_tokens: int = _setting(0, Whole(0, 1_000_000))
    llm_headers: tuple[Header, ...] = _setting((), Headers())
    llm_query: tuple[tuple[str, str], ...] = _setting((), Parameters())

    first_token_timeout_seconds: int = _setting(60, Whole(1, 600))
    stall_timeout_seconds: int = _setting(30, Whole(1, 600))
    generation_timeout_seconds: int = _setting(600, Whole(10, 870))
    max_answer_characters: int = _setting(1_000_000, Whole(1000, 10_000_000))
    max_attempts: int = _setting(3, Whole(1, 10))
    lease_seconds: int = _setting(30, Whole(10, 300))
    frame_interval_milliseconds: int = _setting(100, Whole(10, 2000))
    prompts_per_minute: int = _setting(60, Whole(1, 300))
    prompts_at_once: int = _setting(20, Whole(1, 100))
    tickets_per_minute: int = _setting(60, Whole(1, 300))
    max_prompt_bytes: int = _setting(100_000, Whole(1000, 300_000))
    queue_deadline_seconds: int = _setting(300, Whole(10, 3600))
    retention_days: int = _setting(7, Whole(1, 365))

    worker_timeout_seconds: int = _setting(900, Whole(60, 900))
    worker_memory_mb: int = _setting(512, Whole(256, 10_240))
    worker_batch_size: int = _setting(5, Whole(1, 10))
    worker_max_concurrency: int = _setting(50, Whole(2, 1000))
    max_receive_count: int = _setting(10, Whole(1, 1000))

    websocket_rate_limit: int = _setting(1000, Whole(1, 10_000))
    websocket_burst_limit: int = _setting(500, Whole(1, 5000))
    connect_rate_limit: int = _setting(100, Whole(1, 500))
    connect_burst_limit: int = _setting(100, Whole(1, 500))
    http_rate_limit: int = _setting(200, Whole(1, 10_000))
    http_burst_limit: int = _setting(100, Whole(1, 5000))

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = _setting(
        "INFO", OneOf(("DEBUG", "INFO", "WARNING", "ERROR"))
    )
    log_retention_days: int = _setting(30, WholeAmong((1, 3, 5, 7, 14, 30, 60, 90, 180, 365)))
    http_access_logs: bool = _setting(True, Switch())  # noqa: FBT003 - the name is on the left.
    websocket_access_logs: bool = _setting(False, Switch())  # noqa: FBT003 - the name is on the left.
    rejected_connects_alarm: int = _setting(100, Whole(1, 1_000_000))
    failed_generations_alarm: int = _setting(10, Whole(0, 1_000_000))
    alarm_email: str = _setting("", texts.EMAIL)

    demo_page: bool = _setting(False, Switch())  # noqa: FBT003 - the name is on the left.
    edge: bool = _setting(False, Switch())  # noqa: FBT003 - the name is on the left.
    edge_requests_per_five_minutes: int = _setting(2000, Whole(10, 2_000_000))
    edge_secret_version: str = _setting("", texts.SECRET_VERSION)
    http_domain: str = _setting("", texts.DOMAIN)
    http_certificate_arn: str = _setting("", texts.CERTIFICATE)
    websocket_domain: str = _setting("", texts.DOMAIN)
    websocket_certificate_arn: str = _setting("", texts.CERTIFICATE)

    execute_api_endpoint: str = _setting("", texts.LOCAL_URL)
    websocket_endpoint: str = _setting("", texts.LOCAL_WEBSOCKET_URL)
    aws_endpoint_url: str = _setting("", texts.LOCAL_URL)

    def __post_init__(self) -> None:
        for setting in fields(self):
            object.__setattr__(self, setting.name, _parsed(setting, getattr(self, setting.name)))
        for inconsistency in inconsistencies(self):
            value = inconsistency.instead_of_value or repr(getattr(self, inconsistency.setting))
            raise ConfigError(f"{PREFIX}.{inconsistency.setting} is {value}, but {inconsistency.must}")

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """Read the "framestream" object of cdk.json, with every `-c framestream.<name>=<value>` on top.

        Raises:
            ConfigError: If a name is unknown, or a value is not allowed.
        """
        given = context.get(PREFIX, {})
        if not isinstance(given, Mapping):
            raise ConfigError(f"{PREFIX} is {given!r}, but it must be an object that holds settings")
        given = {**given, **_from_command_line(context)}
        known = {setting.name for setting in fields(cls)}
        for name in given:
            if name not in known:
                raise ConfigError(f"{PREFIX}.{name} is not a setting{_meant(name, known)}")
        return cls(**given)

    @property
    def models(self) -> tuple[str, ...]:
        """The models that a prompt may ask for."""
        return self.llm_allowed_models or (self.llm_model,)

    @property
    def has_shared_secret(self) -> bool:
        """Whether tokens are signed with a secret, and not with a key whose public half is known to us."""
        return self.token_algorithm.startswith("HS")

    @property
    def has_wildcard_origins(self) -> bool:
        """Whether some pages are allowed without being named one by one."""
        return any("*" in origin for origin in self.allowed_origins)


def _from_command_line(context: Mapping[str, Any]) -> dict[str, Any]:
    dotted = f"{PREFIX}."
    return {key.removeprefix(dotted): value for key, value in context.items() if key.startswith(dotted)}


def _parsed(setting: Field[Any], given: object) -> object:
    rule: Rule[object] = setting.metadata["rule"]
    try:
        return rule.parse(given)
    except ValueError as error:
        why = str(error) if isinstance(error, NotAllowedError) else f"it must be {rule.allowed}"
        told = shown(given, hides=getattr(rule, "hides", PRIVATE_KEY))
        # An error that is chained would repeat what is not shown.
        raise ConfigError(f"{PREFIX}.{setting.name} is {told}, but {why}") from (
            None if told == NOT_SHOWN else error
        )


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {PREFIX}.{close[0]}?" if close else ""
