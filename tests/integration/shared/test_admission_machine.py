"""Any order of opening, closing, losing and expiring sockets, against a model of a few lines."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from functions.shared.connections.model import LONGEST_HANDSHAKE, Connection
from functions.shared.connections.store import ConnectionStore
from functions.shared.errors import TooManyConnections
from tests.support.admission import admission, handshake
from tests.support.builders import NOON
from tests.support.environment import TABLE_NAME

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CAP = 3
NAMES = ("ada", "ben", "cy", "dee", "eve")
numbers = count()


class Admission(RuleBasedStateMachine):
    """The model: who holds a slot, oldest first, and which sockets died without a `$disconnect`."""

    sockets: Bundle[str] = Bundle("sockets")

    def __init__(self, registry: ConnectionStore) -> None:
        super().__init__()
        self.registry = registry
        self.run = next(numbers)
        self.now = NOON
        self.slot_held: list[Connection] = []
        self.gone: set[str] = set()
        self.looked_at = NAMES[0]
        self.admission = admission(registry, gone=self.gone)

    def live(self, user_id: str) -> list[Connection]:
        return [slot for slot in self.slot_held if slot.user_id == user_id and slot.expires_at > self.now]

    @rule(target=sockets, name=st.sampled_from(NAMES))
    def open(self, name: str) -> str | MultipleResults[str]:
        self.looked_at = name
        user_id, connection_id = f"{name}-{self.run}", f"c{next(numbers)}"
        slots = self.live(user_id)
        dead = [slot for slot in slots if slot.connection_id in self.gone]
        replaceable = [slot for slot in dead if self.now - slot.connected_at > LONGEST_HANDSHAKE]

        try:
            admitted = self.admission.admit(
                handshake(connection_id, user_id=user_id, at=self.now), now=self.now
            )
        except TooManyConnections:
            assert len(slots) == CAP
            assert not replaceable
            return multiple()

        if len(slots) == CAP:
            self.slot_held.remove(replaceable[0])
        self.slot_held.append(admitted)
        return connection_id

    @rule(socket=consumes(sockets))
    def close(self, socket: str) -> None:
        """The `$disconnect` may come long after the slot was taken over or has expired."""
        self.registry.release(socket)
        self.slot_held = [slot for slot in self.slot_held if slot.connection_id != socket]

    @rule(socket=sockets)
    def close_twice(self, socket: str) -> None:
        self.close(socket)
        self.registry.release(socket)

    @rule(socket=sockets)
    def lose(self, socket: str) -> None:
        """The `$disconnect` never comes."""
        self.gone.add(socket)

    @rule(seconds=st.sampled_from([1, 31, 600, 3600, 7200]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def the_table_says_what_the_model_says(self) -> None:
        self.compare(self.looked_at)

    def teardown(self) -> None:
        for name in NAMES:
            self.compare(name)
        for item in self.registry.client.scan(TableName=TABLE_NAME)["Items"]:
            self.registry.client.delete_item(TableName=TABLE_NAME, Key={"pk": item["pk"], "sk": item["sk"]})

    def compare(self, name: str) -> None:
        user_id = f"{name}-{self.run}"
        listed = self.registry.of_user(user_id, now=self.now)
        expected = {slot.connection_id for slot in self.live(user_id)}
        assert len(listed) <= CAP
        assert {connection.connection_id for connection in listed} == expected


@pytest.mark.fault(30)
def test_no_order_of_events_slots_too_many_or_loses_a_slot(dynamodb: DynamoDBClient) -> None:
    registry = ConnectionStore(dynamodb, TABLE_NAME)

    class Here(Admission):
        def __init__(self) -> None:
            super().__init__(registry)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=15,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
