"""The bucket of attachments: forms to upload into it, and reading and deleting what is there."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from botocore.exceptions import HTTPClientError

from functions.shared import aws
from functions.shared.attachments.model import IMAGES, Stored
from functions.shared.attachments.presigning import Presigner
from functions.shared.aws_client import AWS_CALL, PASSING_STATUSES
from functions.shared.errors import Unavailable
from functions.shared.http_connections import HttpConnections, host_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from functions.shared.http_connections import Reply
    from functions.shared.signing import Credentials

OWN_CALL = timedelta(minutes=1)
"""How long an address is good for that we call at once."""
SIZE = re.compile(r"bytes \d+-\d+/(\d+)")
NOT_THERE = {HTTPStatus.NOT_FOUND, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One bucket. Its calls raise Unavailable if it does not answer."""

    url: str
    """Without a slash at its end."""
    connections: HttpConnections
    presigner: Presigner
    credentials: Callable[[], Credentials]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], object] = time.sleep

    def form(
        self, key: str, media_type: str, size: int, *, lifetime: timedelta, now: datetime
    ) -> dict[str, str]:
        """Return the fields of a form that uploads this object to `url`, once or again."""
        return self.presigner.form(key, media_type, size, self.credentials(), lifetime=lifetime, now=now)

    def address(self, key: str, name: str, media_type: str, *, lifetime: timedelta, now: datetime) -> str:
        """Return an address at which an object is to be had: an image to look at, all else to be saved."""
        disposition = "inline" if media_type in IMAGES else "attachment"
        told = {
            "response-content-disposition": f"{disposition}; filename*=UTF-8''{quote(name, safe='')}",
            "response-content-type": media_type,
        }
        path = f"{urlsplit(self.url).path}/{key}"
        query = self.presigner.query(
            "GET", path, self.credentials(), lifetime=lifetime, now=now, parameters=told
        )
        return f"{self.url}/{key}?{query}"

    def read(self, key: str, *, most: int | None = None) -> Stored | None:
        """Return an object, or so many bytes of it; None if it is not there, or empty."""
        headers = {} if most is None else {"Range": f"bytes=0-{most - 1}"}
        reply = self._call("GET", key, headers)
        if reply.status in NOT_THERE:
            return None
        whole = SIZE.fullmatch(reply.headers.get("content-range", ""))
        size = int(whole[1]) if whole else len(reply.body)
        return Stored(reply.body, size, reply.headers.get("content-type", ""))

    def delete(self, key: str) -> None:
        """Delete an object, if it is there."""
        self._call("DELETE", key, {})

    def _call(self, method: str, key: str, headers: dict[str, str]) -> Reply:
        path = f"{urlsplit(self.url).path}/{key}"
        for number in AWS_CALL.tries(self.sleep):
            is_last = number == AWS_CALL.attempts - 1
            query = self.presigner.query(
                method, path, self.credentials(), lifetime=OWN_CALL, now=self.clock()
            )
            try:
                reply = self.connections.request(method, f"{path}?{query}", b"", headers)
            except HTTPClientError as error:
                if is_last:
                    raise Unavailable(type(error).__name__) from error
                continue
            if reply.status < HTTPStatus.MULTIPLE_CHOICES or reply.status in NOT_THERE:
                return reply
            if is_last or reply.status not in PASSING_STATUSES:
                raise Unavailable(f"s3_{reply.status}")
        raise AssertionError("a policy has at least one attempt")


def bucket_of(name: str) -> Bucket:
    """Wire a bucket: below the environment's endpoint if that names one, at a host of its own on AWS."""
    region = os.environ["AWS_REGION"]
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    domain = f"amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
    url = f"{endpoint.rstrip('/')}/{name}" if endpoint else f"https://{name}.s3.{region}.{domain}"
    address = urlsplit(url)
    origin = f"{address.scheme}://{address.netloc}"
    return Bucket(
        url=url,
        connections=HttpConnections(origin),
        presigner=Presigner(host=host_of(origin), region=region, bucket=name),
        credentials=aws.credentials(),
    )
