"""Signs requests to AWS (Signature Version 4), with a key that is derived once a day.

botocore derives the key anew for each request and builds its canonical form out of general parts, which is
half of what a small call costs. Here all requests to a service are alike but for path and body. A test
compares. See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import quote

if TYPE_CHECKING:
    from datetime import datetime

    from botocore.credentials import ReadOnlyCredentials

ALGORITHM = "AWS4-HMAC-SHA256"


class StaticCredentials(NamedTuple):
    """Credentials that stay as they are."""

    access_key: str
    secret_key: str
    token: str | None = None


Credentials: TypeAlias = "StaticCredentials | ReadOnlyCredentials"
"""What a request is signed with: the environment's, or those that the SDK was given."""


@lru_cache(maxsize=1000)
def _quoted(path: str) -> str:
    """Return a path quoted once more, as every service but S3 wants it. Few are asked for, and often."""
    return quote(path, safe="/~")


@dataclass(slots=True, kw_only=True)
class Signer:
    """Signs requests to one service at one host in one region."""

    service: str
    """The name in the credential scope."""
    host: str
    """As in the Host header: with its port, unless that is the scheme's own."""
    region: str
    content_type: str
    _derived_from: tuple[str, str] = field(default=("", ""), repr=False)
    """The secret and the day that `_key` is for."""
    _key: bytes = field(default=b"", repr=False)

    def headers(
        self,
        method: str,
        path: str,
        body: bytes,
        credentials: Credentials,
        *,
        now: datetime,
        target: str | None = None,
    ) -> dict[str, str]:
        """Return the headers to send with a body to a path, which is quoted already.

        Args:
            target: The operation, for a service that takes it as X-Amz-Target.
        """
        time = now.strftime("%Y%m%dT%H%M%SZ")
        headers = {"Content-Type": self.content_type, "X-Amz-Date": time}
        if credentials.token:
            headers["X-Amz-Security-Token"] = credentials.token
        if target is not None:
            headers["X-Amz-Target"] = target
        signed = {"content-type": "", "host": self.host} | {
            name.lower(): value for name, value in headers.items()
        }
        names = ";".join(signed)  # in the order of the alphabet, as they must be
        canonical = "".join(f"{name}:{value}\n" for name, value in signed.items())
        request = f"{method}\n{_quoted(path)}\n\n{canonical}\n{names}\n{sha256(body).hexdigest()}"
        scope = f"{time[:8]}/{self.region}/{self.service}/aws4_request"
        to_sign = f"{ALGORITHM}\n{time}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        key = self._key_of(str(credentials.secret_key), time[:8])
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        headers["Authorization"] = (
            f"{ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )
        return headers

    def _key_of(self, secret: str, day: str) -> bytes:
        if self._derived_from != (secret, day):
            key = f"AWS4{secret}".encode()
            for part in (day, self.region, self.service, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._derived_from, self._key = (secret, day), key
        return self._key
