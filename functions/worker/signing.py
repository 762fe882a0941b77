"""Signs posts to the gateway (AWS Signature Version 4), with a key that is derived once a day.

botocore derives the key anew for each request and builds its canonical form out of general parts, which is
half of what a post costs. Here all requests are alike but for the socket and the body. A test compares.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from datetime import datetime

    from botocore.credentials import ReadOnlyCredentials

SERVICE = "execute-api"
ALGORITHM = "AWS4-HMAC-SHA256"
CONTENT_TYPE = "application/json"


@dataclass(slots=True)
class Signer:
    """Signs JSON posts to one host in one region."""

    host: str
    """As in the Host header: with its port, unless that is the scheme's own."""
    region: str
    _derived_from: tuple[str, str] = field(default=("", ""), repr=False)
    """The secret and the day that `_key` is for."""
    _key: bytes = field(default=b"", repr=False)

    def headers(
        self, path: str, body: bytes, credentials: ReadOnlyCredentials, *, now: datetime
    ) -> dict[str, str]:
        """Return the headers to send with a body to a path, which is quoted already."""
        time = now.strftime("%Y%m%dT%H%M%SZ")
        headers = {"Content-Type": CONTENT_TYPE, "X-Amz-Date": time}
        canonical = f"content-type:{CONTENT_TYPE}\nhost:{self.host}\nx-amz-date:{time}\n"
        signed = "content-type;host;x-amz-date"
        if credentials.token:
            headers["X-Amz-Security-Token"] = credentials.token
            canonical += f"x-amz-security-token:{credentials.token}\n"
            signed += ";x-amz-security-token"
        # Quoted once more, as every service but S3 wants it.
        request = f"POST\n{quote(path, safe='/~')}\n\n{canonical}\n{signed}\n{sha256(body).hexdigest()}"
        scope = f"{time[:8]}/{self.region}/{SERVICE}/aws4_request"
        to_sign = f"{ALGORITHM}\n{time}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        key = self._key_of(str(credentials.secret_key), time[:8])
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        headers["Authorization"] = (
            f"{ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={signed}, Signature={signature}"
        )
        return headers

    def _key_of(self, secret: str, day: str) -> bytes:
        if self._derived_from != (secret, day):
            key = f"AWS4{secret}".encode()
            for part in (day, self.region, SERVICE, "aws4_request"):
                key = hmac.digest(key, part.encode(), "sha256")
            self._derived_from, self._key = (secret, day), key
        return self._key
