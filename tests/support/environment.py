"""A valid environment of every function, written as the deployment writes it."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from functions.connect.settings import ConnectSettings
from functions.disconnect.settings import DisconnectSettings
from functions.generate.settings import GenerateSettings
from functions.message.settings import MessageSettings
from functions.shared.settings import Settings, rule_of, variable, written
from functions.shared.tokens.options import TokenSettings
from functions.worker.settings import WorkerSettings
from tests.support.builders import ORIGIN

REGION = "us-east-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": "http://127.0.0.1:9/prod",
}
TABLE_NAME = "framestream"
QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/123456789012/framestream"
REMINDERS_URL = f"{QUEUE_URL}-reminders"
RESOURCES = {
    "table_name": TABLE_NAME,
    "queue_url": QUEUE_URL,
    "reminders_url": REMINDERS_URL,
    "token_secret_arn": f"arn:aws:secretsmanager:{REGION}:123456789012:secret:token",
    "llm_key_secret_arn": f"arn:aws:secretsmanager:{REGION}:123456789012:secret:llm-key",
    "websocket_url": "wss://socket.example.com/prod",
}


def environment(settings: type[Settings], **values: Any) -> dict[str, str]:
    """Write an environment of the defaults, what every test's stack has made, and these values."""
    defaults = {each.name: each.default for each in fields(settings) if each.default is not MISSING}
    return written(settings, (defaults | RESOURCES | values).__getitem__)


def optional(settings: type[Settings]) -> set[str]:
    """Name the variables that may be empty."""
    return {
        variable(each.name)
        for each in fields(settings)
        if each.default is not MISSING and (rule_of(each) is None or each.default in ("", ()))
    }


TOKENS = environment(TokenSettings)
CONNECT = environment(ConnectSettings, allowed_origins=(ORIGIN,), token_grace_seconds=3600)
DISCONNECT = environment(DisconnectSettings)
MESSAGE = environment(MessageSettings)
GENERATE = environment(
    GenerateSettings,
    allowed_origins=(ORIGIN,),
    llm_model="gpt-test",
    llm_allowed_models=("gpt-test", "gpt-other"),
    max_prompt_bytes=1000,
    prompts_per_minute=30,
    prompts_at_once=10,
)
WORKER = environment(WorkerSettings, llm_base_url="http://127.0.0.1:9/v1")
