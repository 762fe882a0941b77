"""What AWS would refuse at deployment although each setting by itself is allowed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from infra.environment import FUNCTIONS, ResourceRefs, environment_of
from infra.models import needs_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from infra.config.fields import Config

ENVIRONMENT_MAX_BYTES = 4096
WORTH_SHORTENING = 100
METRIC_NAME_MAX = 128
LONGEST_FIREWALL_RULE = "AWSManagedRulesAmazonIpReputationList"
# S3 keeps these for itself, and CloudFormation begins a bucket's name with the stack's.
BUCKET_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")

_REGION, _SUFFIX, _NUMBER = "r" * 16, "amazonaws.com.cn", "0" * 12
_API_ID = "a" * 10
_GATEWAY = f"{_API_ID}.execute-api.{_REGION}.{_SUFFIX}"
_CLOUDFRONT = f"{'d' * 14}.cloudfront.net"
_SECRET = f"arn:aws-us-gov:secretsmanager:{_REGION}:{_NUMBER}:secret:{'s' * 64}-{'x' * 6}"
_QUEUE = f"https://sqs.{_REGION}.{_SUFFIX}/{_NUMBER}/{'q' * 80}"
_GENERATED = "-StorageTable12345678-1234567890ABC"


class Inconsistency(NamedTuple):
    """A setting that cannot be deployed, and what it must be instead."""

    setting: str
    must: str
    instead_of_value: str = ""
    """What is said about the value, where the value itself would be too much to read."""


def inconsistencies_with_aws(config: Config) -> Iterator[Inconsistency]:
    """Yield every setting that AWS would refuse together with others."""
    yield from _names(config)
    yield from _ports(config)
    yield from _environment(config)


def environment_bytes(variables: Mapping[str, str]) -> int:
    """Measure an environment as Lambda does: as one JSON object, in UTF-8."""
    return len(json.dumps(dict(variables), ensure_ascii=False, separators=(",", ":")).encode())


def longest_environment(function: str, config: Config) -> dict[str, str]:
    """Return a function's environment with the longest names that AWS can give to what the stack makes."""
    return environment_of(function, config, _longest_refs(config))


def _environment(config: Config) -> Iterator[Inconsistency]:
    environments = {function: longest_environment(function, config) for function in FUNCTIONS}
    function, variables = max(environments.items(), key=lambda entry: environment_bytes(entry[1]))
    excess = environment_bytes(variables) - ENVIRONMENT_MAX_BYTES
    if excess <= 0:
        return
    (largest, size), *others = _largest(variables, config)
    more = "".join(f", or {name} ({bytes_} bytes)" for name, bytes_ in others)
    yield Inconsistency(
        largest,
        f"with it the environment of {function} may have {ENVIRONMENT_MAX_BYTES + excess} bytes, and Lambda "
        f"takes {ENVIRONMENT_MAX_BYTES}: shorten it{more} by {excess} bytes",
        instead_of_value=f"{size} bytes long",
    )


def _largest(variables: Mapping[str, str], config: Config) -> list[tuple[str, int]]:
    """Return the settings that fill an environment, the largest first; variables are named after them."""
    sizes = {name.lower(): environment_bytes({name: text}) for name, text in variables.items()}
    ours = sorted((size, name) for name, size in sizes.items() if hasattr(config, name))
    return [(name, size) for size, name in reversed(ours) if size > WORTH_SHORTENING]


def _names(config: Config) -> Iterator[Inconsistency]:
    longest = METRIC_NAME_MAX - len(f"-{LONGEST_FIREWALL_RULE}")
    if config.edge and len(config.stack_name) > longest:
        yield Inconsistency(
            "stack_name",
            f"with edge it must have at most {longest} characters: it begins the names of the firewall's "
            f"metrics, for which AWS takes {METRIC_NAME_MAX}",
        )
    if config.demo_page and config.stack_name.lower().startswith(BUCKET_PREFIXES):
        yield Inconsistency(
            "stack_name",
            f"with demo_page it must not begin with {', '.join(BUCKET_PREFIXES)}: it begins the name of a "
            "bucket, and S3 keeps these for itself",
        )


def _ports(config: Config) -> Iterator[Inconsistency]:
    for origin in config.allowed_origins:
        try:
            _ = urlsplit(origin).port
        except ValueError:
            yield Inconsistency("allowed_origins", f"the port of {origin} must be at most 65535")


def _longest_refs(config: Config) -> ResourceRefs:
    websocket = config.websocket_domain or (_CLOUDFRONT if config.edge else _GATEWAY)
    return ResourceRefs(
        table_name=config.table_name or (config.stack_name + _GENERATED)[:255],
        queue_url=_QUEUE,
        reminders_url=_QUEUE,
        token_secret_arn=(config.token_secret_name or _SECRET) if config.has_shared_secret else "",
        llm_key_secret_arn=(config.llm_key_secret_name or _SECRET) if needs_key(config) else "",
        llm_headers=config.llm_headers,
        management_endpoint=config.execute_api_endpoint.replace("{api_id}", _API_ID)
        or f"https://{_GATEWAY}/prod",
        websocket_url=config.websocket_endpoint.replace("{api_id}", _API_ID) or f"wss://{websocket}/prod",
        edge_secret_arn=_SECRET if config.edge else "",
        attachments_bucket="b" * 63 if config.attachments else "",
        allowed_origins=config.allowed_origins + ((f"https://{_CLOUDFRONT}",) if config.demo_page else ()),
    )
