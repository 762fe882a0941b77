"""A bucket in memory. Implements what `functions.shared.attachments.bucket` offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.shared.attachments.model import Stored
from functions.shared.errors import Unavailable

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4


@dataclass
class FakeBucket:
    """Objects by their keys."""

    objects: dict[str, Stored] = field(default_factory=dict)
    url: str = "https://bucket.example"
    is_away: bool = False

    def form(
        self, key: str, media_type: str, size: int, *, lifetime: timedelta, now: datetime
    ) -> dict[str, str]:
        return {"key": key, "Content-Type": media_type, "size": str(size), "policy": "signed"}

    def address(self, key: str, name: str, media_type: str, *, lifetime: timedelta, now: datetime) -> str:
        return f"{self.url}/{key}?name={name}&type={media_type}&until={(now + lifetime).timestamp():.0f}"

    def upload(self, fields: dict[str, str], content: bytes) -> None:
        """Do what a browser does with a form, and S3 checks."""
        assert len(content) == int(fields["size"])
        self.objects[fields["key"]] = Stored(content, len(content), fields["Content-Type"])

    def read(self, key: str, *, most: int | None = None) -> Stored | None:
        if self.is_away:
            raise Unavailable("s3_503")
        found = self.objects.get(key)
        return found._replace(content=found.content[:most]) if found else None

    def delete(self, key: str) -> None:
        if self.is_away:
            raise Unavailable("s3_503")
        self.objects.pop(key, None)
