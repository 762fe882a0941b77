"""How we talk to AWS: one client per service and environment, and time-outs that fit a live stream."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.shared.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

# The SDK's defaults are 60 s each, longer than API Gateway waits for a handshake.
CLIENT = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=20,
    tcp_keepalive=True,
)


THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "Throttling",
    "ThrottlingException",
    "TransactionConflictException",
}
"""What DynamoDB says when it is asked for too much at once, and the SDK has tried often enough."""


@contextmanager
def outages() -> Iterator[None]:
    """Tell a fault of AWS, once the SDK has given up, as Unavailable.

    Raises:
        Unavailable: If a call failed for a reason that its adapter does not expect.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable(reason_of(error)) from error


@contextmanager
def throttling() -> Iterator[None]:
    """Tell a service's refusal to do more right now as Unavailable; all else is a fault of ours.

    Raises:
        Unavailable: If a call was throttled.
    """
    try:
        yield
    except ClientError as error:
        if reason_of(error) not in THROTTLED:
            raise
        raise Unavailable(reason_of(error)) from error


def reason_of(error: BotoCoreError | ClientError) -> str:
    """Return a word for our logs: AWS's own, or what kept us from getting an answer."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
