"""Which pages a socket opens for, with handshakes as no browser and no library would write them."""

from __future__ import annotations

import asyncio
import base64
import os
from urllib.parse import urlsplit

import pytest

from tests.support.events import connect_event
from tests.support.grants import Grants
from tests.support.listener import Site

OURS = "{ours}"
REFUSED = {
    "none": "",
    "empty": "Origin:\r\n",
    "null": "Origin: null\r\n",
    "another scheme": "Origin: https{rest}\r\n",
    "another port": "Origin: {ours}0\r\n",
    "a path": "Origin: {ours}/\r\n",
    "a longer name": "Origin: {ours}.evil.example\r\n",
    "upper case": "Origin: HTTP{rest}\r\n",
    "a tab within": "Origin: http\t{rest}\r\n",
    "a tab and more": "Origin: {ours}\thttps://evil.example\r\n",
    "a NUL": "Origin: {ours}\0\r\n",
    "a NUL and more": "Origin: {ours}\0.evil.example\r\n",
    "a line that is folded": "Origin: {ours}\r\n .evil.example\r\n",
    "a list": "Origin: {ours}, https://evil.example\r\n",
    "two that are foreign": "Origin: https://evil.example\r\nOrigin: https://evil.example\r\n",
    "another header": "X-Forwarded-Origin: {ours}\r\nSec-WebSocket-Origin: {ours}\r\n",
    "a foreign one, and ours in another header": "Origin: https://evil.example\r\nReferer: {ours}/\r\n",
}
ALLOWED = {
    "as a browser writes it": "Origin: {ours}\r\n",
    "in another case of the header's name": "oRIGIN: {ours}\r\n",
    "with white space that belongs to the header": "Origin: \t {ours} \t\r\n",
}


async def status_of(site: Site, user: str, origin: str) -> int:
    """Open a socket by hand and return the status of the handshake; 400 if there was none."""
    url = urlsplit(site.socket_url(user))
    ours = site.origin
    lines = origin.format(ours=ours, rest=ours.removeprefix("http"))
    request = (
        f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n{lines}\r\n"
    )
    reader, writer = await asyncio.open_connection(url.hostname, url.port)
    writer.write(request.encode())
    head = await asyncio.wait_for(reader.readline(), 30)
    writer.close()
    return int(head.split()[1]) if head else 400


@pytest.mark.parametrize("origin", REFUSED.values(), ids=REFUSED)
@pytest.mark.fault(23, 24, 25, 26, 27)
async def test_a_handshake_that_is_not_of_our_page_opens_nothing(origin: str, site: Site) -> None:
    user = f"origin-{abs(hash(origin))}"

    assert await status_of(site, user, origin) in {400, 403}
    assert Grants(site).slots_of(user) == []


@pytest.mark.parametrize("origin", ALLOWED.values(), ids=ALLOWED)
@pytest.mark.fault(27)
async def test_a_handshake_of_our_page_opens_a_socket_however_the_header_is_written(
    origin: str, site: Site
) -> None:
    assert await status_of(site, f"origin-{abs(hash(origin))}", origin) == 101


@pytest.mark.parametrize("second", ["https://evil.example", OURS])
@pytest.mark.fault(26)
def test_two_origins_are_none_even_if_both_are_ours(second: str, site: Site) -> None:
    # The emulator's gateway passes one of two headers on. API Gateway passes both, as here.
    origins = [("Origin", site.origin), ("Origin", second.format(ours=site.origin))]
    query = [("user_id", "ada"), ("token", site.token("ada"))]

    for headers in (origins, origins[::-1]):
        answer = Grants(site).run("connect", connect_event(query=query, headers=headers))
        assert answer["statusCode"] == 400
