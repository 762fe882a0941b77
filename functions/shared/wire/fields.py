"""Fields that several messages and bodies have: a Python type, with its JSON Schema keywords beside it."""

from collections.abc import Iterable
from typing import Annotated, Any

from functions.shared.errors import Refused
from functions.shared.generations.failures import Failure
from functions.shared.wire.system import Closing


class Keywords(dict[str, Any]):
    """JSON Schema keywords. They describe; nothing is validated by them at run time."""

    # A union of types puts its members into a set.
    __hash__ = object.__hash__  # type: ignore[assignment]


def one_of(values: Iterable[str | int | None]) -> Keywords:
    """One of these, each once, in this order."""
    return Keywords(enum=list(dict.fromkeys(values)))


Moment = Annotated[str, Keywords(format="date-time", pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
Name = Annotated[str, Keywords(minLength=1, maxLength=128, format="printable")]
GenerationId = Annotated[str, Keywords(pattern="^[0-9a-f]{32}$")]
AttachmentId = Annotated[str, Keywords(pattern="^[0-9a-f]{32}$")]
MessageId = Annotated[str, Keywords(pattern="^[0-9a-f]{32}$")]
Title = Annotated[str, Keywords(maxLength=200)]
TicketSecret = Annotated[str, Keywords(pattern="^[A-Za-z0-9_-]{43}$")]
Count = Annotated[int, Keywords(minimum=0)]
Positive = Annotated[int, Keywords(minimum=1)]
Micros = Annotated[int, Keywords(minimum=0)]
"""Money: millionths of a dollar."""

FAILURE_CODES = tuple(failure.code for failure in Failure)
REFUSAL_CODES = tuple(refusal.code for refusal in Refused.__subclasses__())

FailureCode = Annotated[str, one_of(FAILURE_CODES)]
RefusalCode = Annotated[int, one_of(REFUSAL_CODES)]
CloseCode = Annotated[int, one_of(closing.value[0] for closing in Closing)]
