"""How tests read a template."""

import re
from collections.abc import Iterator
from typing import Any, Protocol

from aws_cdk.assertions import Template

from infra.alarm_table import ALARMS
from infra.config.fields import Config

LOCAL = {
    "target": "local",
    "execute_api_endpoint": "http://127.0.0.1:4566/_aws/execute-api/{api_id}/prod",
    "websocket_endpoint": "ws://127.0.0.1:4566/_aws/execute-api/{api_id}/prod",
}

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b"
DOMAINS = {
    "http_domain": "api.example.com",
    "http_certificate_arn": CERTIFICATE,
    "websocket_domain": "live.example.com",
    "websocket_certificate_arn": CERTIFICATE,
}

RAISED = {
    name: getattr(Config(), name) + by
    for by, name in enumerate(sorted({name for row in ALARMS for name in row.above.settings}), start=1)
}
"""Every setting that moves an alarm's threshold, each higher by another number than the rest."""
MOVED: dict[str, Any] = RAISED | {
    "allowed_origins": "https://a.example,https://b.example",
    "connect_burst_limit": 9,
    "connect_reserved_concurrency": 50,
    "generate_reserved_concurrency": 30,
    "http_burst_limit": 8,
    "log_retention_days": 1,
    "stack_name": "prod",
    "table_warm_writes": 4001,
    "websocket_access_logs": True,
    "websocket_rate_limit": 70,
    "worker_batch_size": 3,
    "worker_max_concurrency": 7,
    "worker_timeout_seconds": 900,
}
"""Settings away from their defaults that do not touch each other: a template takes a second."""

Properties = dict[str, Any]


class Synthesize(Protocol):
    """Makes the template for some settings; the CDK's checks have found nothing in it."""

    def __call__(self, **settings: object) -> Template: ...


def all_of(template: Template, kind: str) -> dict[str, Properties]:
    """Every resource of a kind, by its logical id; there must be one."""
    found = template.find_resources(kind)
    assert found, f"there is no {kind}"
    return {logical_id: resource.get("Properties", {}) for logical_id, resource in found.items()}


def one_of(template: Template, kind: str) -> Properties:
    """The only resource of a kind."""
    (found,) = all_of(template, kind).values()
    return found


def functions_of(template: Template) -> dict[str, Properties]:
    """Every function by its name."""
    return {
        function["Handler"].split(".")[1]: function
        for function in all_of(template, "AWS::Lambda::Function").values()
    }


def environment_of(template: Template, name: str) -> dict[str, Any]:
    """A function's environment."""
    variables: dict[str, Any] = functions_of(template)[name]["Environment"]["Variables"]
    return variables


def statements_of(template: Template, name: str) -> Iterator[Properties]:
    """Every statement of a function's role."""
    role = functions_of(template)[name]["Role"]["Fn::GetAtt"][0]
    for policy in all_of(template, "AWS::IAM::Policy").values():
        if {"Ref": role} in policy["Roles"]:
            yield from policy["PolicyDocument"]["Statement"]


def listed(value: str | list[Any]) -> list[Any]:
    """What a policy may write as one thing or as a list of them."""
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str:
    """A value of the template as one line: references in angle brackets, names without their hash."""
    match value:
        case str():
            return value
        case {"Fn::Join": ["", parts]}:
            return "".join(map(text_of, parts))
        case {"Ref": name}:
            return f"<{_unhashed(name)}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{_unhashed(name)}.{attribute}>"
        case {"Fn::Select": [6, {"Fn::Split": [":", {"Ref": name}]}]}:  # In the ARN of a function's alias.
            return f"<{_unhashed(name)}.FunctionName>"
    raise AssertionError(value)


def _unhashed(logical_id: str) -> str:
    return re.sub(r"[0-9A-F]{8}$", "", logical_id)
