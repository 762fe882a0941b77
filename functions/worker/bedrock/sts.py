"""Assumes a role: asks AWS STS for credentials that last an hour, and says what it means if there are none.

STS takes a form and replies in XML. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from xml.etree.ElementTree import ParseError, fromstring

from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.generations.failures import Failure
from functions.shared.signing import StaticCredentials
from functions.worker.bedrock.errors import failed_by_name
from functions.worker.model import ModelFailed

if TYPE_CHECKING:
    from functions.shared.aws_client import Service

VERSION = "2011-06-15"
SESSION = "framestream"
"""What the other account's CloudTrail calls us."""
ASSUMING = "AssumeRole"
"""What logs call an error that came before the model was asked."""


@dataclass(frozen=True, slots=True)
class Session:
    """Credentials of a role, and when they end."""

    credentials: StaticCredentials = field(repr=False)
    until: datetime


def assume(service: Service, role: str, external_id: str = "") -> Session:
    """Return new credentials of a role.

    Args:
        service: Calls STS as the worker.
        role: The role's ARN.
        external_id: What its trust policy asks for besides, if anything.

    Raises:
        ModelFailed: If the role was refused, or STS did not answer.
    """
    form = {"Action": "AssumeRole", "Version": VERSION, "RoleArn": role, "RoleSessionName": SESSION}
    if external_id:
        form["ExternalId"] = external_id
    try:
        return _session(service.call("AssumeRole", urlencode(form).encode()))
    except ClientError as error:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        code = error.response["Error"]["Code"]
        raise failed_by_name(code, {}, broke_off=False, status=status, error=ASSUMING) from None
    except (BotoCoreError, ParseError, KeyError, ValueError) as error:
        raise ModelFailed(
            Failure.UNAVAILABLE,
            broke_off=False,
            worth_retrying=True,
            provider_code=type(error).__name__,
            error=ASSUMING,
        ) from None


def _session(reply: bytes) -> Session:
    elements = fromstring(reply).iter()  # noqa: S314 - AWS's own, over TLS.
    told = {element.tag.rpartition("}")[2]: (element.text or "").strip() for element in elements}
    credentials = StaticCredentials(told["AccessKeyId"], told["SecretAccessKey"], told["SessionToken"])
    until = datetime.fromisoformat(told["Expiration"])
    if not all(credentials) or until.tzinfo is None:
        raise ValueError("empty credentials")
    return Session(credentials, until)
