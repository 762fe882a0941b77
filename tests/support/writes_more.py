"""Stands for a later release: everything that this process writes has an attribute or a field more.

It can be put into a zip that is deployed, and used with the SDK in this process.
"""

import json
from typing import Any

import botocore.client

from functions.shared.aws_client import JsonClient

ADDITION = "written_by"
LATER = "later"
CLIENT: Any = botocore.client.BaseClient
"""Every client of the SDK; what it calls has no public name."""


def with_more(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what a later release might send."""
    if operation == "PutItem":
        return {**parameters, "Item": {**parameters["Item"], ADDITION: {"S": LATER}}}
    if operation == "TransactWriteItems":
        puts = [
            {kind: with_more("PutItem", write)} if kind == "Put" else {kind: write}
            for each in parameters["TransactItems"]
            for kind, write in each.items()
        ]
        return {**parameters, "TransactItems": puts}
    if operation == "SendMessage":
        body = {**json.loads(parameters["MessageBody"]), ADDITION: LATER}
        return {**parameters, "MessageBody": json.dumps(body)}
    return parameters


def write_more() -> None:
    """Begin, for all clients of this process."""
    call = CLIENT._make_api_call

    def calling(self: Any, operation: str, parameters: dict[str, Any]) -> Any:
        return call(self, operation, with_more(operation, parameters))

    CLIENT._make_api_call = calling
    own: Any = JsonClient
    own_call = own._call

    def calling_our_own(self: Any, operation: str, **parameters: Any) -> Any:
        return own_call(self, operation, **with_more(operation, parameters))

    own._call = calling_our_own
