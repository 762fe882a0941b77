"""The life of a connection in every order of events.

What each event leads to stands in clients/conformance/connection.json.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from framestream import Backoff, Reconnect
from framestream.connection import Attempt, State, step
from framestream.connection_events import (
    Closing,
    Command,
    ConnectionEvent,
    Event,
    HandshakeRefused,
    Lost,
    Pause,
)

RULES = Reconnect(backoff=Backoff(base=1, cap=8), pause_when_full=10)
REFUSALS = [HandshakeRefused(code) for code in (4001, 4429, 1013, "rate_limited")]
EVENTS = st.sampled_from(
    [*ConnectionEvent, *REFUSALS, Closing(1000), Closing(4001), Closing(4429), Lost(), Lost(1000)]
)
PAUSES = {Attempt.PAUSING, Attempt.HELD_OFF}
RANDOM = st.floats(0, 1, exclude_max=True)


@given(st.lists(EVENTS, max_size=40), RANDOM)
def test_in_every_life_each_state_has_something_that_leads_on(events: list[Event], random: float) -> None:
    state = State()
    for event in events:
        before = state
        state, effects = step(before, event, RULES, random=random)

        opens = [effect for effect in effects if effect in {Command.OPEN, Command.OPEN_REFRESHED}]
        assert bool(opens) == (state.attempt is Attempt.OPENING and before.attempt is not Attempt.OPENING)
        if state.attempt in PAUSES and before.attempt not in PAUSES:
            assert any(isinstance(effect, Pause) for effect in effects)
        assert all(effect.seconds >= 0 for effect in effects if isinstance(effect, Pause))


@given(st.lists(EVENTS, max_size=40), RANDOM)
def test_only_a_refusal_or_a_close_on_purpose_is_the_end(events: list[Event], random: float) -> None:
    state = State()
    for event in events:
        before = state
        state, _ = step(before, event, RULES, random=random)

        if state.final_code is not None and before.final_code is None:
            assert event in {ConnectionEvent.UNWANTED, Closing(1000), HandshakeRefused(4001)}


@given(st.lists(EVENTS, max_size=40), RANDOM)
def test_after_every_life_a_wish_and_a_pause_lead_to_a_socket(events: list[Event], random: float) -> None:
    state = State()
    for event in [*events, ConnectionEvent.WANTED, ConnectionEvent.RETRY_DUE, ConnectionEvent.CONNECTED]:
        state, _ = step(state, event, RULES, random=random)

    assert state.in_use
    assert state.final_code is None


@given(st.integers(1, 100), RANDOM)
def test_pauses_are_spread_from_nothing_to_their_limit(failures: int, random: float) -> None:
    backoff = Backoff(base=0.5, cap=30)

    pause = backoff.pause(failures, random=random)

    assert 0 <= pause <= 30
    assert pause == random * backoff.pause(failures, random=1.0)
    assert replace(backoff, base=0).pause(failures, random=random) == 0
