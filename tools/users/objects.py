"""The content of a user's attachments, which lies in the deployment's bucket."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.shared.attachments.items import ATTACHMENT, attachment_from
from functions.shared.dynamodb import text_of

if TYPE_CHECKING:
    from functions.shared.dynamodb import Item


@dataclass(frozen=True, slots=True)
class Objects:
    """Objects of one bucket."""

    client: Any
    bucket: str

    def content(self, item: Item) -> dict[str, str]:
        """Return the content that belongs to an item, as a field of its document; none if there is none."""
        if not is_attachment(item):
            return {}
        key = attachment_from(item).object_key
        try:
            reply = self.client.get_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return {}  # It was never uploaded, or is kept no longer.
        return {"content_base64": b64encode(reply["Body"].read()).decode()}

    def delete(self, item: Item) -> None:
        """Delete the content that belongs to an item."""
        if is_attachment(item):
            self.client.delete_object(Bucket=self.bucket, Key=attachment_from(item).object_key)


def is_attachment(item: Item) -> bool:
    """Whether an item tells of an attachment."""
    return text_of(item, "sk").startswith(ATTACHMENT)
