"""One user's data in a deployment, for the commands."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from functions.shared.generations.submission_transitions import SubmissionTransitions
from tools.command_line import Impossible
from tools.output import printable
from tools.users.data import UserData
from tools.users.holds import hold_erasure
from tools.users.objects import Objects
from tools.users.walk import Walk

if TYPE_CHECKING:
    from tools.deployment import Deployment


def user_data(deployment: Deployment, user_id: str) -> UserData:
    """Find where it lies."""
    table = deployment.output("TableName")
    client = deployment.dynamodb()
    bucket = deployment.outputs.get("AttachmentsBucket")
    return UserData(
        user_id=user_id,
        walk=Walk(client, table),
        transitions=SubmissionTransitions(client, table),
        objects=Objects(deployment.client("s3"), bucket) if bucket else None,
        holds=cache(lambda: hold_erasure(deployment)),
    )


def nothing_is_stored(user_id: str) -> Impossible:
    """Say so."""
    return Impossible(
        f"Nothing is stored of user {printable(user_id)!r}: ids are compared letter by letter, "
        "as tokens name them, and what is older than retention_days is gone."
    )
