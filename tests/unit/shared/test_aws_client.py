"""Calls to AWS over a real connection: what is sent, what is tried again, and what a refusal becomes."""

from __future__ import annotations

import json
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from functions.shared import aws
from functions.shared.aws_client import (
    AWS_CALL,
    OPERATIONS,
    JsonClient,
    Service,
    SocketClient,
    UnreadableReply,
)
from functions.shared.errors import Unavailable
from functions.shared.http_connections import HttpConnections, host_of
from functions.shared.signing import Signer, StaticCredentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]
Answer = tuple[int, bytes]
FINE: Answer = (200, b"{}")
THROTTLED = "ProvisionedThroughputExceededException"


def refusal(code: str, **more: object) -> Answer:
    word = f"com.amazonaws.dynamodb.v20120810#{code}"
    return 400, json.dumps({"__type": word, "message": "No.", **more}).encode()


@dataclass
class Aws:
    """A service that gives these answers, one to each call; a callable does to the socket what it wants."""

    origin: str
    answers: list[Answer | Callable[[socket.socket], None]]
    calls: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0
    pauses: list[float] = field(default_factory=list)
    used: list[HttpConnections] = field(default_factory=list)

    def service(self, name: str = "dynamodb", *, read: float = 3) -> Service:
        connections = HttpConnections(self.origin, connect=1, read=read)
        self.used.append(connections)
        return Service(
            connections=connections,
            signer=Signer(
                service=name, host=host_of(self.origin), region="us-east-1", content_type="application/json"
            ),
            credentials=lambda: StaticCredentials("AKIA", "secret"),
            sleep=self.pauses.append,
        )

    def table(self, *, read: float = 3) -> Any:
        return JsonClient(self.service(read=read), "DynamoDB_20120810")


@contextmanager
def answering(*answers: Answer | Callable[[socket.socket], None]) -> Iterator[Aws]:
    told = Aws("", list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            told.connections += 1

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told.calls.append((self.command, self.path, dict(self.headers.items()), body))
            answer = told.answers.pop(0)
            if callable(answer):
                self.close_connection = True
                answer(self.connection)
                return
            status, content = answer
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        locals().update(dict.fromkeys(("do_POST", "do_GET", "do_DELETE"), answer))

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.origin = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        for connection in [each for connections in told.used for each in connections._idle]:
            connection.close()
        server.shutdown()
        server.server_close()


def test_a_call_names_its_operation_and_brings_its_parameters_and_its_reply() -> None:
    with answering((200, b'{"Item":{"pk":{"S":"\xc3\xa4"}}}')) as service:
        reply = service.table().get_item(TableName="t", Key={"pk": {"S": "ä"}})

    method, path, headers, body = service.calls[0]
    assert (method, path, headers["X-Amz-Target"]) == ("POST", "/", "DynamoDB_20120810.GetItem")
    assert "Credential=AKIA/" in headers["Authorization"]
    assert json.loads(body) == {"TableName": "t", "Key": {"pk": {"S": "ä"}}}
    assert reply == {"Item": {"pk": {"S": "ä"}}}


def test_functions_call_only_what_the_client_has() -> None:
    files = [file for file in (ROOT / "functions").rglob("*.py") if "worker" not in file.parts]
    sources = (file.read_text() for file in files)
    called = {name for source in sources for name in re.findall(r"self\.client\.(\w+)\(", source)}
    of_sockets = {"get_connection", "delete_connection", "post_to_connection"}

    assert called - of_sockets == OPERATIONS


def test_what_only_the_sdk_offers_is_refused_by_its_name() -> None:
    with answering() as service, pytest.raises(AttributeError, match="get_paginator"):
        service.table().get_paginator("query")


def test_calls_share_a_connection() -> None:
    with answering(*[FINE] * 3) as service:
        table = service.table()
        for _ in range(3):
            table.put_item()

    assert service.connections == 1


def test_calls_at_the_same_time_have_connections_of_their_own() -> None:
    together = threading.Barrier(4)

    def wait(connection: socket.socket) -> None:
        together.wait(5)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with answering(*[wait] * 4) as service, ThreadPoolExecutor(4) as threads:
        table = service.table()
        replies = list(threads.map(lambda _: table.put_item(), range(4)))

    assert replies == [{}] * 4


def test_a_connection_that_the_server_ended_meanwhile_costs_no_try() -> None:
    def reply_and_close(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        connection.shutdown(socket.SHUT_RDWR)

    with answering(reply_and_close, FINE) as service:
        table = service.table()
        table.put_item()
        _wait_for_the_end(table)
        table.put_item()

    assert service.pauses == []


def _wait_for_the_end(table: Any) -> None:
    [connection] = table.service.connections._idle
    connection.sock.settimeout(5)
    assert connection.sock.recv(1, socket.MSG_PEEK) == b""


@pytest.mark.parametrize(
    "passing",
    [
        (500, b"oops"),
        (503, b""),
        (429, b"{}"),
        refusal(THROTTLED),
        refusal("ThrottlingException"),
        refusal("RequestLimitExceeded"),
        lambda connection: connection.shutdown(socket.SHUT_RDWR),
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n{"),
        lambda connection: connection.sendall(b"what?\r\n\r\n"),
    ],
    ids=["500", "503", "429", "throughput", "throttling", "limit", "closed", "cut", "no HTTP"],
)
def test_what_passes_by_itself_is_tried_again(passing: Answer | Callable[[socket.socket], None]) -> None:
    with answering(passing, passing, (200, b'{"a":1}')) as service:
        assert service.table().put_item() == {"a": 1}

    assert len(service.pauses) == 2


@pytest.mark.parametrize("code", ["ConditionalCheckFailedException", "ValidationException", "AccessDenied"])
def test_what_would_be_refused_again_is_not(code: str) -> None:
    with answering(refusal(code)) as service, pytest.raises(ClientError, match=code) as refused:
        service.table().put_item()

    assert refused.value.response["Error"] == {"Code": code, "Message": "No."}
    assert refused.value.operation_name == "PutItem"
    assert service.pauses == []


def test_an_error_is_caught_by_its_name_and_by_no_other() -> None:
    with answering(refusal("ConditionalCheckFailedException")) as service:
        table = service.table()
        caught = ""
        try:
            table.put_item()
        except table.exceptions.TransactionCanceledException:
            caught = "another"
        except table.exceptions.ConditionalCheckFailedException:
            caught = "its own"

    assert caught == "its own"


def test_a_refusal_keeps_what_else_it_tells() -> None:
    cancelled = {"CancellationReasons": [{"Code": "None"}, {"Code": "TransactionConflict"}]}
    refused = refusal("TransactionCanceledException", **cancelled)
    with answering(refused) as service, pytest.raises(ClientError) as error:
        service.table().transact_write_items()

    assert error.value.response["CancellationReasons"] == cancelled["CancellationReasons"]


def test_after_the_last_try_the_last_refusal_is_told() -> None:
    throttled = [refusal(THROTTLED)] * AWS_CALL.attempts
    with answering(*throttled) as service, pytest.raises(Unavailable) as outage, aws.outages():
        service.table().put_item()

    assert outage.value.reason == THROTTLED


def test_a_refusal_that_is_no_json_is_told_by_its_status() -> None:
    with answering((403, b"<html>")) as service, pytest.raises(ClientError) as refused:
        service.table().put_item()

    assert refused.value.response["Error"]["Code"] == "403"


def test_a_reply_that_is_no_json_is_a_fault_of_the_service() -> None:
    with answering((200, b"<html>")) as service, pytest.raises(UnreadableReply):
        service.table().put_item()


def test_a_service_that_is_silent_is_left_after_the_time_out() -> None:
    over = threading.Event()

    def say_nothing(_connection: socket.socket) -> None:
        over.wait(5)

    with answering(*[say_nothing] * AWS_CALL.attempts) as service, pytest.raises(ReadTimeoutError):
        service.table(read=0.05).put_item()
    over.set()


def test_a_service_that_is_not_there_is_told_so() -> None:
    with answering() as gone:
        table = gone.table()

    with pytest.raises((EndpointConnectionError, ConnectionClosedError)):
        table.put_item()


def test_an_address_that_does_not_answer_is_left_after_the_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        host, port = full.getsockname()
        waiting = [socket.socket() for _ in range(3)]
        for each in waiting:  # They fill what the system queues for a server that accepts none.
            each.settimeout(0)
            each.connect_ex((host, port))
        connections = HttpConnections(f"http://{host}:{port}", connect=0.05, read=0.05)
        with pytest.raises((ConnectTimeoutError, ReadTimeoutError)):
            connections.request("POST", "/", b"", {})
        for each in waiting:
            each.close()


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        (lambda sockets: sockets.get_connection(ConnectionId="a=/+"), ("GET", b"")),
        (lambda sockets: sockets.delete_connection(ConnectionId="a=/+"), ("DELETE", b"")),
        (lambda sockets: sockets.post_to_connection(ConnectionId="a=/+", Data=b"hi"), ("POST", b"hi")),
    ],
    ids=["get", "delete", "post"],
)
def test_a_socket_is_a_path_of_the_management_api(
    call: Callable[[SocketClient], object], sent: tuple[str, bytes]
) -> None:
    with answering(FINE) as service:
        call(SocketClient(service.service("execute-api"), "/prod"))

    method, path, _, body = service.calls[0]
    assert (method, body, path) == (*sent, "/prod/@connections/a%3D%2F%2B")


def test_a_socket_that_has_ended_is_gone_whatever_the_reply_says() -> None:
    with answering((410, b"")) as service:
        sockets = SocketClient(service.service("execute-api"), "/prod")
        with pytest.raises(sockets.exceptions.GoneException):
            sockets.get_connection(ConnectionId="a")


@pytest.mark.parametrize(
    ("environ", "origin"),
    [
        ({"AWS_REGION": "eu-west-1"}, "https://dynamodb.eu-west-1.amazonaws.com"),
        ({"AWS_REGION": "cn-north-1"}, "https://dynamodb.cn-north-1.amazonaws.com.cn"),
        ({"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1/"}, "http://127.0.0.1:1"),
        (
            {
                "AWS_REGION": "eu-west-1",
                "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
                "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:2",
            },
            "http://127.0.0.1:2",
        ),
    ],
    ids=["of the region", "in China", "of all services", "of this service"],
)
def test_a_client_finds_its_service(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], origin: str
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"):
        monkeypatch.delenv(name, raising=False)
    keys = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"}
    for name, value in {**keys, **environ}.items():
        monkeypatch.setenv(name, value)

    assert aws.client("dynamodb").service.connections.origin == origin
