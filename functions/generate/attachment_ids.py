"""The attachments that a prompt names, by their ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

from functions.shared.attachments.model import MOST
from functions.shared.wire.fields import AttachmentId, Keywords

if TYPE_CHECKING:
    from functions.shared.wire.problems import Complaint

ID = re.compile("[0-9a-f]{32}")
AttachmentIds = Annotated[list[AttachmentId], Keywords(maxItems=MOST, uniqueItems=True)]


def id_complaints(name: str, value: object) -> list[Complaint]:
    """Say what is wrong with a list of ids."""
    if not isinstance(value, list) or len(value) > MOST:
        return [{"field": name, "message": f"Input should be a list of at most {MOST} ids"}]
    if len(value) != len({each for each in value if isinstance(each, str)}):
        return [{"field": name, "message": "each must be an id, and stand once"}]
    return [
        {"field": f"{name}.{index}", "message": "must be the id of an attachment"}
        for index, each in enumerate(value)
        if not ID.fullmatch(each)
    ]
