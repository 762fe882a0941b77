"""Every grant of every function is needed: without it the function fails, for that reason, and with it not.

The functions are invoked as API Gateway and the queue would. The emulator asks IAM about each call of theirs,
by the policy of that moment.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.events import connect_event, disconnect_event, http_event, message_event
from tests.support.grants import Grants, Invoked
from tests.support.listener import Listener, Site, listening

PATIENCE = 10
"""Seconds until a message is in the queue."""
LONGEST_ANSWER = 866
"""Seconds; of its 900, a worker needs 30 to begin and to end, and takes messages for the rest."""
POLLED = {"sqs:ReceiveMessage", "sqs:GetQueueAttributes"}
LOGGED = {"logs:CreateLogStream", "logs:PutLogEvents"}
BY_LAMBDA_ITSELF = {
    "connect": LOGGED,
    "disconnect": LOGGED,
    "message": LOGGED,
    "generate": LOGGED | POLLED | {"sqs:DeleteMessage"},
    "worker": LOGGED | {"sqs:GetQueueAttributes"},
}
"""What Lambda does in the function's name; the emulator does it without asking."""
UNASKED = {"worker": {"dynamodb:ConditionCheckItem"}}
"""What a summary's transaction needs on AWS; the emulator does not ask for it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Whether a function did what it is for, and what it logged."""

    works: bool
    log: str


@dataclass
class Bench:
    """Does what makes a function use a grant."""

    grants: Grants
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(time.time_ns()))

    @property
    def site(self) -> Site:
        return self.grants.site

    def new(self, kind: str) -> str:
        """A unique name."""
        return f"{kind}-{next(self.numbers)}"

    def handshake(self, user: str | None = None, *, connection_id: str | None = None) -> Invoked:
        """Ask for a socket."""
        user = user or self.new("user")
        return self.grants.invoke(
            "connect",
            connect_event(
                connection_id=connection_id or self.new("socket"),
                query=[("user_id", user), ("token", self.site.token(user))],
                headers=[("Origin", self.site.origin)],
            ),
        )

    def call(self, method: str, path: str, user: str, body: object = None) -> Invoked:
        """Ask the HTTP API for something."""
        event = http_event(method, path, token=self.site.token(user), body=body, origin=self.site.origin)
        return self.grants.invoke("generate", event)

    def ask(self, user: str, **more: str) -> Invoked:
        """Hand in a prompt."""
        plan = {"key": self.new("plan"), "deltas": ["an ", "answer"]}
        body = {"user_id": user, "chat_id": "chat_1", "prompt": json.dumps(plan), **more}
        return self.call("POST", "/api/chat/generate-response", user, body)

    def held(self, user: str, number: int, *, seconds_ago: int = 60) -> str:
        """Let a user hold a slot for a socket that the gateway does not know."""
        connection_id, now = self.new("gone"), int(time.time())
        fields = {
            "user_id": {"S": user},
            "connection_id": {"S": connection_id},
            "connected_at": {"N": str(now - seconds_ago)},
            "expires_at": {"N": str(now + 3600)},
            "origin": {"S": self.site.origin},
        }
        slot = {"pk": {"S": f"USER#{user}"}, "sk": {"S": f"SLOT#{number}"}}
        record = {"pk": {"S": f"CONNECTION#{connection_id}"}, "sk": {"S": "META"}, "slot": {"N": str(number)}}
        for key in (slot, record):
            self.grants.table.put_item(TableName=self.site.table_name, Item=key | fields)
        return connection_id

    def slots_of(self, user: str) -> list[dict[str, Any]]:
        """The slots of a user, as the table has them."""
        items: list[dict[str, Any]] = self.grants.table.query(
            TableName=self.site.table_name,
            KeyConditionExpression="pk = :user",
            ExpressionAttributeValues={":user": {"S": f"USER#{user}"}},
        )["Items"]
        return items

    def work(self, user: str, *, claimed: bool = False, is_followed: bool = False) -> tuple[str, Invoked]:
        """Hand in a prompt and bring it to a worker, as the queue would. Returns the generation's status.

        Another prompt of its chat may wait for its end.
        """
        generation_id = json.loads(self.ask(user).answer["body"])["generation_id"]
        if is_followed:
            assert self.ask(user, on_busy="queue").status == 202
        message = self._message_of(generation_id)
        if claimed:
            self._claim(generation_id, message["MessageId"])
        record = {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": {"ApproximateReceiveCount": "1"},
        }
        done = self.grants.invoke("worker", {"Records": [record]})
        queue = self.grants.queue
        # The worker has deleted it, as a rule. AWS would take that twice; the emulator does not.
        with suppress(queue.exceptions.ReceiptHandleIsInvalid):
            queue.delete_message(QueueUrl=self.site.queue_url, ReceiptHandle=message["ReceiptHandle"])
        state = self.call("GET", f"/api/chat/generations/{generation_id}", user)
        assert "body" in state.answer, state
        return json.loads(state.answer["body"])["status"], done

    def _claim(self, generation_id: str, message_id: str) -> None:
        """Let another worker have begun with a generation, a moment ago."""
        self.grants.table.update_item(
            TableName=self.site.table_name,
            Key={"pk": {"S": f"GENERATION#{generation_id}"}, "sk": {"S": "META"}},
            UpdateExpression="SET #status = :processing, attempt = :one, #owner = :other, "
            "message_id = :message, lease_until = :later",
            ExpressionAttributeNames={"#status": "status", "#owner": "owner"},
            ExpressionAttributeValues={
                ":processing": {"S": "processing"},
                ":one": {"N": "1"},
                ":other": {"S": "another worker"},
                ":message": {"S": message_id},
                ":later": {"N": str(int(time.time() * 1000) + 60_000)},
            },
        )

    def _message_of(self, generation_id: str) -> dict[str, Any]:
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            reply = self.grants.queue.receive_message(QueueUrl=self.site.queue_url, MaxNumberOfMessages=10)
            for message in reply.get("Messages", []):
                if generation_id in message["Body"]:
                    found: dict[str, Any] = message
                    return found
            time.sleep(0.05)
        raise TimeoutError(generation_id)


# Connect.


async def handshake(bench: Bench) -> Seen:
    done = bench.handshake()
    return Seen(done.status == 200, done.log)


async def handshake_with_a_ticket(bench: Bench) -> Seen:
    ticket = json.loads(bench.call("POST", "/api/chat/connection-tickets", bench.new("user")).answer["body"])
    event = connect_event(
        connection_id=bench.new("socket"),
        query=[("ticket", ticket["ticket"])],
        headers=[("Origin", bench.site.origin)],
    )
    done = bench.grants.invoke("connect", event)
    return Seen(done.status == 200, done.log)


async def handshake_where_all_holders_are_gone(bench: Bench) -> Seen:
    user = bench.new("user")
    for number in range(3):
        bench.held(user, number)
    done = bench.handshake(user)
    return Seen(done.status == 200, done.log)


async def take_the_slot_of_an_expired_connection(bench: Bench, listener: Listener, user: str) -> Invoked:
    (slot,) = bench.slots_of(user)
    bench.grants.table.put_item(
        TableName=bench.site.table_name, Item=slot | {"expires_at": {"N": str(int(time.time()) - 1)}}
    )
    taken = int(slot["sk"]["S"].removeprefix("SLOT#"))
    for number in {0, 1, 2} - {taken}:
        bench.held(user, number, seconds_ago=1)
    done = bench.handshake(user)
    with suppress(TimeoutError):
        await listener.until(lambda: listener.messages and listener.socket.close_code, seconds=0.5)
    return done


async def tell_one_whose_time_is_over(bench: Bench) -> Seen:
    user = bench.new("user")
    async with listening(bench.site, user) as listener:
        done = await take_the_slot_of_an_expired_connection(bench, listener, user)
    return Seen(bool(listener.messages), done.log)


async def close_one_whose_time_is_over(bench: Bench) -> Seen:
    user = bench.new("user")
    async with listening(bench.site, user) as listener:
        done = await take_the_slot_of_an_expired_connection(bench, listener, user)
        closed = listener.socket.close_code is not None
    return Seen(closed, done.log)


# Disconnect and message.


async def leave(bench: Bench) -> Seen:
    connection_id = bench.new("socket")
    bench.handshake(connection_id=connection_id)
    done = bench.grants.invoke("disconnect", disconnect_event(connection_id))
    return Seen(done.status == 200, done.log)


async def ping(bench: Bench) -> Seen:
    return await say(bench, '{"type":"ping"}')


async def say_nonsense_until_closed(bench: Bench) -> Seen:
    return await say(bench, *["nonsense"] * 12)


async def say(bench: Bench, *messages: str) -> Seen:
    connection_id = bench.new("socket")
    bench.handshake(connection_id=connection_id)
    for message in messages:
        done = bench.grants.invoke("message", message_event(message, connection_id=connection_id))
        if done.failed:
            break
    return Seen(done.status == 200, done.log)


# Generate.


async def ask(bench: Bench) -> Seen:
    done = bench.ask(bench.new("user"))
    return Seen(done.status == 202, done.log)


async def cancel(bench: Bench) -> Seen:
    user = bench.new("user")
    generation_id = json.loads(bench.ask(user).answer["body"])["generation_id"]
    done = bench.call("POST", f"/api/chat/generations/{generation_id}/cancel", user)
    return Seen(done.status == 202, done.log)


async def get_a_ticket(bench: Bench) -> Seen:
    done = bench.call("POST", "/api/chat/connection-tickets", bench.new("user"))
    return Seen(done.status == 201, done.log)


async def get_a_ticket_where_all_holders_are_gone(bench: Bench) -> Seen:
    user = bench.new("user")
    for number in range(3):
        bench.held(user, number)
    done = bench.call("POST", "/api/chat/connection-tickets", user)
    return Seen(done.status == 201, done.log)


async def close_the_own(bench: Bench, *, heard: bool) -> Seen:
    user = bench.new("user")
    async with listening(bench.site, user) as listener:
        done = bench.call("DELETE", "/api/chat/connections", user)
        with suppress(TimeoutError):
            await listener.until(lambda: listener.messages and listener.socket.close_code, seconds=0.5)
        closed = listener.socket.close_code is not None
    return Seen(bool(listener.messages) if heard else closed, done.log)


async def tell_the_own_socket(bench: Bench) -> Seen:
    return await close_the_own(bench, heard=True)


async def close_the_own_socket(bench: Bench) -> Seen:
    return await close_the_own(bench, heard=False)


async def close_one_that_has_gone(bench: Bench) -> Seen:
    user = bench.new("user")
    bench.held(user, 0)
    done = bench.call("DELETE", "/api/chat/connections", user)
    return Seen(not bench.slots_of(user), done.log)


# Worker.


async def work(bench: Bench) -> Seen:
    status, done = await asyncio.to_thread(bench.work, bench.new("user"))
    return Seen(status == "completed", done.log)


async def leave_work_to_another(bench: Bench) -> Seen:
    _, done = await asyncio.to_thread(bench.work, bench.new("user"), claimed=True)
    return Seen("could not be made invisible" not in done.log, done.log)


async def finish_work(bench: Bench) -> Seen:
    _, done = await asyncio.to_thread(bench.work, bench.new("user"))
    return Seen("could not be deleted" not in done.log, done.log)


async def look_for_more_work(bench: Bench) -> Seen:
    _, done = await asyncio.to_thread(bench.work, bench.new("user"))
    return Seen("no messages could be received" not in done.log, done.log)


async def let_the_next_have_its_turn(bench: Bench) -> Seen:
    _, done = await asyncio.to_thread(bench.work, bench.new("user"), is_followed=True)
    return Seen("could not be queued yet" not in done.log, done.log)


async def work_for_somebody_who_listens(bench: Bench) -> Seen:
    user = bench.new("user")
    async with listening(bench.site, user) as listener:
        _, done = await asyncio.to_thread(bench.work, user)
        heard = any(one.is_final for one in listener.generations.values())
    return Seen(heard, done.log)


async def work_for_somebody_who_is_gone(bench: Bench) -> Seen:
    user = bench.new("user")
    bench.held(user, 0)
    _, done = await asyncio.to_thread(bench.work, user)
    return Seen(not bench.slots_of(user), done.log)


@dataclass(frozen=True, slots=True)
class Case:
    """A grant, what shows that it is needed, and what the log says when it is missing."""

    function: str
    grant: str
    act: Callable[[Bench], Awaitable[Seen]]
    said: str = "AccessDenied"
    cold: bool = False
    """Whether what the grant is for is remembered, and asked for again only after a cold start."""

    def __str__(self) -> str:
        return f"{self.function}: {self.grant}"


SECRET = "secretsmanager:GetSecretValue"
REACH = "execute-api:ManageConnections"
QUIET = ""
"""Some failures are no reason to refuse, and not logged: the effect alone shows them."""

CASES = (
    Case("connect", "dynamodb:Query", handshake),
    Case("connect", "dynamodb:PutItem", handshake),
    Case("connect", "dynamodb:DeleteItem", handshake_with_a_ticket),
    Case("connect", SECRET, handshake, cold=True),
    Case("connect", f"{REACH} GET", handshake_where_all_holders_are_gone, said='"reason":"cap"'),
    Case("connect", f"{REACH} POST", tell_one_whose_time_is_over, said=QUIET),
    Case("connect", f"{REACH} DELETE", close_one_whose_time_is_over, said=QUIET),
    Case("disconnect", "dynamodb:GetItem", leave),
    Case("disconnect", "dynamodb:DeleteItem", leave),
    Case("message", "dynamodb:UpdateItem", ping),
    Case("message", f"{REACH} POST", ping),
    Case("message", f"{REACH} DELETE", say_nonsense_until_closed),
    Case("generate", "dynamodb:PutItem", ask),
    Case("generate", "dynamodb:GetItem", ask),
    Case("generate", "dynamodb:UpdateItem", cancel),
    Case("generate", "dynamodb:Query", get_a_ticket),
    Case("generate", SECRET, ask, cold=True),
    Case("generate", "sqs:SendMessage", ask),
    Case("generate", "dynamodb:DeleteItem", close_one_that_has_gone),
    Case("generate", f"{REACH} POST", tell_the_own_socket, said=QUIET),
    Case("generate", f"{REACH} DELETE", close_the_own_socket),
    Case("generate", f"{REACH} GET", get_a_ticket_where_all_holders_are_gone, said='"reason":"cap"'),
    Case("worker", "dynamodb:UpdateItem", work),
    Case("worker", "dynamodb:GetItem", work),
    Case("worker", "dynamodb:PutItem", work),
    Case("worker", "dynamodb:Query", work_for_somebody_who_listens),
    Case("worker", "dynamodb:DeleteItem", work_for_somebody_who_is_gone),
    Case("worker", SECRET, work, cold=True),
    Case("worker", "sqs:ChangeMessageVisibility", leave_work_to_another),
    Case("worker", "sqs:ReceiveMessage", look_for_more_work),
    Case("worker", "sqs:DeleteMessage", finish_work),
    Case("worker", "sqs:SendMessage", let_the_next_have_its_turn),
    Case("worker", f"{REACH} POST", work_for_somebody_who_listens, said=QUIET),
)


@pytest.fixture(scope="module")
def bench(site: Site) -> Iterator[Bench]:
    grants = Grants(site)
    # A worker that may not store the end, or tell it, tries until its lease is over, and takes its message
    # again for as long as it takes messages: only while there is time for a whole answer.
    patience = {"LEASE_SECONDS": "10", "GENERATION_TIMEOUT_SECONDS": str(LONGEST_ANSWER)}
    with grants.queue_to_ourselves(), grants.told("worker", **patience):
        yield Bench(grants)


@pytest.mark.parametrize("function", BY_LAMBDA_ITSELF)
def test_every_grant_that_there_is_is_looked_at(function: str, bench: Bench) -> None:
    looked_at = {case.grant for case in CASES if case.function == function}

    known = looked_at | BY_LAMBDA_ITSELF[function] | UNASKED.get(function, set())
    assert bench.grants.of(function) == known


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_without_a_grant_the_function_fails_for_that_reason(case: Case, bench: Bench) -> None:
    before = await case.act(bench)
    with bench.grants.without(case.function, case.grant):
        if case.cold:
            bench.grants.restart(case.function)
        without = await case.act(bench)
    after = await case.act(bench)

    assert (before.works, without.works, after.works) == (True, False, True), without.log
    assert case.said in without.log
    assert "AccessDenied" not in before.log + after.log
