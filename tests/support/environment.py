"""A valid environment of every function, name by name as the deployment gives it."""

from __future__ import annotations

from tests.support.builders import ORIGIN

REGION = "us-east-1"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
}
TOKENS = {
    "TOKEN_SECRET_ARN": f"arn:aws:secretsmanager:{REGION}:123456789012:secret:token",
    "TOKEN_PUBLIC_KEY": "",
    "TOKEN_JWKS_URL": "",
    "TOKEN_ALGORITHM": "HS256",
    "TOKEN_ISSUER": "",
    "TOKEN_AUDIENCE": "",
    "TOKEN_USER_CLAIMS": "sub,user_id",
    "TOKEN_MAX_AGE_SECONDS": "86400",
}
TABLE_NAME = "framestream"
QUEUE_URL = f"https://sqs.{REGION}.amazonaws.com/123456789012/framestream"
TABLE = {"TABLE_NAME": TABLE_NAME}
QUEUE = {"QUEUE_URL": QUEUE_URL}

CONNECT = {
    **TABLE,
    **TOKENS,
    "ALLOWED_ORIGINS": ORIGIN,
    "EDGE_SECRET_ARN": "",
    "ALLOW_MISSING_ORIGIN": "false",
    "CONNECTIONS_PER_USER": "3",
    "CONNECTION_POLICY": "reject",
    "CONNECTION_LIFETIME_SECONDS": "7200",
    "TOKEN_GRACE_SECONDS": "7200",
}
DISCONNECT = {**TABLE}
MESSAGE = {**TABLE, "MESSAGES_PER_MINUTE": "60"}
GENERATE = {
    **TABLE,
    **QUEUE,
    **TOKENS,
    "ALLOWED_ORIGINS": ORIGIN,
    "EDGE_SECRET_ARN": "",
    "ALLOW_MISSING_ORIGIN": "false",
    "LLM_MODEL": "gpt-test",
    "LLM_ALLOWED_MODELS": "gpt-test,gpt-other",
    "MAX_PROMPT_BYTES": "1000",
    "PROMPTS_PER_MINUTE": "30",
    "PROMPTS_AT_ONCE": "10",
    "TICKETS_PER_MINUTE": "60",
    "QUEUE_DEADLINE_SECONDS": "300",
    "RETENTION_DAYS": "7",
    "CONNECTIONS_PER_USER": "3",
    "CONNECTION_POLICY": "reject",
    "WEBSOCKET_URL": "wss://socket.example.com/prod",
}
WORKER = {
    **TABLE,
    **QUEUE,
    "LLM_PROVIDER": "openai",
    "LLM_BASE_URL": "http://127.0.0.1:9/v1",
    "LLM_KEY_SECRET_ARN": f"arn:aws:secretsmanager:{REGION}:123456789012:secret:llm-key",
    "LLM_SYSTEM_PROMPT": "",
    "LLM_MAX_OUTPUT_TOKENS": "0",
    "LLM_HEADERS": "",
    "LLM_QUERY": "",
    "FIRST_TOKEN_TIMEOUT_SECONDS": "60",
    "STALL_TIMEOUT_SECONDS": "30",
    "GENERATION_TIMEOUT_SECONDS": "600",
    "MAX_ANSWER_CHARACTERS": "1000000",
    "MAX_ATTEMPTS": "3",
    "LEASE_SECONDS": "30",
    "FRAME_INTERVAL_MILLISECONDS": "100",
}
OPTIONAL = {
    "TOKEN_PUBLIC_KEY",
    "TOKEN_JWKS_URL",
    "TOKEN_ISSUER",
    "TOKEN_AUDIENCE",
    "EDGE_SECRET_ARN",
    "LLM_ALLOWED_MODELS",
    "LLM_SYSTEM_PROMPT",
    "LLM_HEADERS",
    "LLM_QUERY",
}
