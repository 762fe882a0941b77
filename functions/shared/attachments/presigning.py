"""Signs addresses and forms of S3, which carry their signature with them (Signature Version 4). Pure.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html for addresses, and
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html for forms of browsers.
"""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from functions.shared.signing import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presigner:
    """Signs for one bucket in one region."""

    host: str
    """As in the Host header."""
    region: str
    bucket: str

    def query(
        self,
        method: str,
        path: str,
        credentials: Credentials,
        *,
        lifetime: timedelta,
        now: datetime,
        parameters: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        """Return the query that lets one method of one path be called, with parameters of the operation.

        The path is quoted already.
        """
        said = {
            **parameters,
            **self._said(credentials, now),
            "X-Amz-Expires": str(int(lifetime.total_seconds())),
            "X-Amz-SignedHeaders": "host",
        }
        query = "&".join(f"{name}={quote(value, safe='~')}" for name, value in sorted(said.items()))
        request = f"{method}\n{path}\n{query}\nhost:{self.host}\n\nhost\nUNSIGNED-PAYLOAD"
        hashed = sha256(request.encode()).hexdigest()
        to_sign = f"{ALGORITHM}\n{said['X-Amz-Date']}\n{self._scope(now)}\n{hashed}"
        return f"{query}&X-Amz-Signature={self._signature(to_sign, credentials, now)}"

    def form(
        self,
        key: str,
        media_type: str,
        size: int,
        credentials: Credentials,
        *,
        lifetime: timedelta,
        now: datetime,
    ) -> dict[str, str]:
        """Return the fields of a form that uploads one object, of this type and exactly this size."""
        said = {name.lower(): value for name, value in self._said(credentials, now).items()}
        fields = {"key": key, "Content-Type": media_type, **said}
        conditions: list[object] = [{name: value} for name, value in fields.items()]
        conditions += [{"bucket": self.bucket}, ["content-length-range", size, size]]
        expiration = (now + lifetime).strftime("%Y-%m-%dT%H:%M:%SZ")
        policy = json.dumps({"expiration": expiration, "conditions": conditions})
        encoded = base64.b64encode(policy.encode()).decode()
        signature = self._signature(encoded, credentials, now)
        return {**fields, "policy": encoded, "x-amz-signature": signature}

    def _said(self, credentials: Credentials, now: datetime) -> dict[str, str]:
        token = {"X-Amz-Security-Token": credentials.token} if credentials.token else {}
        return {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{credentials.access_key}/{self._scope(now)}",
            "X-Amz-Date": now.strftime("%Y%m%dT%H%M%SZ"),
            **token,
        }

    def _scope(self, now: datetime) -> str:
        return f"{now:%Y%m%d}/{self.region}/s3/aws4_request"

    def _signature(self, to_sign: str, credentials: Credentials, now: datetime) -> str:
        key = f"AWS4{credentials.secret_key}".encode()
        for part in (f"{now:%Y%m%d}", self.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, to_sign.encode(), "sha256").hex()
