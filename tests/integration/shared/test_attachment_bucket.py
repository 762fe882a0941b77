"""The bucket of attachments over HTTP: what is asked of S3, and what its replies mean."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest

from functions.shared.attachments.bucket import Bucket, bucket_of
from functions.shared.errors import Unavailable

KEY = "attachments/" + 32 * "a"
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


@dataclass
class FakeS3:
    """Objects by their paths, and statuses that come before the true reply."""

    objects: dict[str, bytes] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def reply(self, request: BaseHTTPRequestHandler) -> tuple[int, dict[str, str], bytes]:
        self.asked.append((request.command, request.path))
        if self.statuses and (status := self.statuses.pop(0)) != 200:
            return status, {}, b"<Error><Code>canary</Code></Error>"
        path = urlsplit(request.path).path
        if request.command == "DELETE":
            self.objects.pop(path, None)
            return 204, {}, b""
        if path not in self.objects:
            return 404, {}, b"<Error><Code>NoSuchKey</Code></Error>"
        content = self.objects[path]
        headers = {"Content-Type": "image/png"}
        if not (asked := request.headers.get("Range")):
            return 200, headers, content
        if not content:
            return 416, {}, b""
        most = int(asked.removeprefix("bytes=0-")) + 1
        given = content[:most]
        return 206, headers | {"Content-Range": f"bytes 0-{len(given) - 1}/{len(content)}"}, given


@pytest.fixture
def s3() -> FakeS3:
    return FakeS3()


@pytest.fixture
def bucket(s3: FakeS3, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            status, headers, body = s3.reply(self)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_DELETE = _serve  # noqa: N815  the server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-secret")
    made = bucket_of("a-bucket")
    object.__setattr__(made, "sleep", lambda _: None)
    yield made
    for connection in made.connections._idle:
        connection.close()
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_beginning_of_an_object_is_read_with_its_size_and_type(bucket: Bucket, s3: FakeS3) -> None:
    s3.objects[f"/a-bucket/{KEY}"] = bytes(1000)

    assert bucket.read(KEY, most=512) == (bytes(512), 1000, "image/png")
    assert bucket.read(KEY) == (bytes(1000), 1000, "image/png")


def test_each_request_is_signed_for_its_method_for_a_minute_and_shows_no_secret(
    bucket: Bucket, s3: FakeS3
) -> None:
    bucket.read(KEY)
    bucket.delete(KEY)

    (_, get), (_, delete) = s3.asked
    query = parse_qs(urlsplit(get).query)
    assert query["X-Amz-Expires"] == ["60"]
    assert query["X-Amz-Signature"] != parse_qs(urlsplit(delete).query)["X-Amz-Signature"]
    assert "canary-secret" not in get


def test_what_is_not_there_or_empty_is_none(bucket: Bucket, s3: FakeS3) -> None:
    assert bucket.read(KEY) is None
    s3.objects[f"/a-bucket/{KEY}"] = b""
    assert bucket.read(KEY, most=512) is None


def test_what_is_deleted_twice_is_gone(bucket: Bucket, s3: FakeS3) -> None:
    s3.objects[f"/a-bucket/{KEY}"] = b"x"

    bucket.delete(KEY)
    bucket.delete(KEY)

    assert s3.objects == {}


def test_a_fault_that_passes_is_waited_out(bucket: Bucket, s3: FakeS3) -> None:
    s3.objects[f"/a-bucket/{KEY}"] = b"x"
    s3.statuses = [503, 500]

    stored = bucket.read(KEY)

    assert stored is not None
    assert stored.content == b"x"


@pytest.mark.parametrize(("statuses", "calls"), [([503, 503, 503], 3), ([403], 1)])
def test_other_faults_are_outages_and_tell_nothing_of_s3(
    bucket: Bucket, s3: FakeS3, statuses: list[int], calls: int
) -> None:
    s3.statuses = statuses

    with pytest.raises(Unavailable) as error:
        bucket.read(KEY)

    assert len(s3.asked) == calls
    assert "canary" not in str(error.value)


def test_a_form_leads_to_the_bucket(bucket: Bucket) -> None:
    form = bucket.form(KEY, "image/png", 7, lifetime=timedelta(minutes=10), now=NOON)

    assert bucket.url.endswith("/a-bucket")
    assert form["key"] == KEY


def test_on_aws_a_bucket_has_a_host_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    assert bucket_of("a-bucket").url == "https://a-bucket.s3.eu-west-1.amazonaws.com"


def test_an_address_says_how_its_content_is_called_and_shown(bucket: Bucket) -> None:
    image = bucket.address(KEY, "an otter.png", "image/png", lifetime=timedelta(minutes=5), now=NOON)
    table = bucket.address(KEY, 'ä"b;.csv', "text/csv", lifetime=timedelta(minutes=5), now=NOON)

    assert image.startswith(f"{bucket.url}/{KEY}?")
    said, other = (parse_qs(urlsplit(each).query) for each in (image, table))
    assert said["response-content-disposition"] == ["inline; filename*=UTF-8''an%20otter.png"]
    assert other["response-content-disposition"] == ["attachment; filename*=UTF-8''%C3%A4%22b%3B.csv"]
    assert (said["response-content-type"], other["response-content-type"]) == (["image/png"], ["text/csv"])
    assert said["X-Amz-Expires"] == ["300"]


def test_an_address_leads_to_the_content(bucket: Bucket, s3: FakeS3) -> None:
    s3.objects[f"/a-bucket/{KEY}"] = b"otter"
    address = bucket.address(KEY, "o.png", "image/png", lifetime=timedelta(minutes=5), now=NOON)

    with urlopen(address) as reply:  # noqa: S310
        content = reply.read()

    assert content == b"otter"
