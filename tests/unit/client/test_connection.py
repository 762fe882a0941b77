"""The life of a connection, without a socket."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framestream import Backoff, Phase, Reconnect
from framestream.connection import (
    Attempt,
    Do,
    Effect,
    Event,
    Happening,
    Lost,
    Pause,
    Report,
    State,
    TurnedAway,
    step,
)

RULES = Reconnect(attempts=5, backoff=Backoff(base=1, cap=8), pause_when_full=10)
OPENING = State(attempt=Attempt.OPENING)
OPEN = State(in_use=True)
ROLLING = State(in_use=True, attempt=Attempt.OPENING)


def after(state: State, *events: Event, random: float = 1.0) -> tuple[State, list[Effect]]:
    """Where events lead, and everything that they cause."""
    all_effects: list[Effect] = []
    for event in events:
        state, effects = step(state, event, RULES, random=random)
        all_effects += effects
    return state, all_effects


def test_a_socket_is_opened_when_it_is_wanted_and_only_once() -> None:
    state, effects = after(State(), Happening.WANTED, Happening.WANTED)

    assert (state, effects, state.phase) == (OPENING, [Do.OPEN], Phase.CONNECTING)
    assert after(state, Happening.WELCOMED) == (OPEN, [Do.ADOPT])


def test_pauses_grow_to_a_limit_and_the_sixth_failure_is_the_last() -> None:
    state, effects = OPEN, list[Effect]()
    events: list[Event] = [Lost(), *[Happening.FAILED] * 5]
    for event in events:
        state, caused = after(state, event, Happening.RESTED)
        effects += [effect for effect in caused if not isinstance(effect, Do)]

    assert effects == [Report(1006), Pause(1), Pause(2), Pause(4), Pause(8), Pause(8), Report(1006)]
    assert state.phase is Phase.CLOSED


def test_a_socket_that_proved_good_makes_up_for_the_failures_before_it() -> None:
    state, _ = after(OPENING, Happening.FAILED, Happening.RESTED, Happening.WELCOMED)
    assert state.failures == 1

    assert after(state, Happening.PROVEN)[0].failures == 0


@pytest.mark.parametrize("code", [4000, 4001, 4003])
def test_what_cannot_succeed_is_not_tried_again(code: int) -> None:
    state, effects = after(OPENING, TurnedAway(code), Happening.RESTED)

    assert (state.phase, effects) == (Phase.CLOSED, [Report(code)])


def test_with_too_many_sockets_it_waits_and_tries_again_without_end() -> None:
    state, effects = OPENING, []
    for _ in range(20):
        state, caused = after(state, TurnedAway(4429, retry_after=1), Happening.RESTED, random=0.5)
        effects += caused

    assert effects == [Report(4429), Pause(7.5), Do.OPEN] * 20
    assert after(OPENING, TurnedAway(4429, retry_after=60))[1] == [Report(4429), Pause(60)]


def test_a_service_that_is_down_is_a_failure_like_others() -> None:
    assert after(OPENING, TurnedAway(1013))[1] == [Pause(1)]


def test_a_successor_is_opened_with_a_fresh_token_before_the_end() -> None:
    state, effects = after(OPEN, Happening.AGED, Happening.AGED)

    assert (state, effects) == (ROLLING, [Do.OPEN_ANEW])
    assert after(state, Happening.WELCOMED) == (OPEN, [Do.ADOPT])


def test_without_a_place_for_a_successor_its_own_has_to_do() -> None:
    state, effects = after(ROLLING, TurnedAway(4429), Happening.RESTED)

    assert (state, effects) == (OPENING, [Do.DROP, Pause(1), Do.OPEN])


def test_a_socket_whose_successor_is_not_let_in_is_used_to_its_end() -> None:
    state, effects = after(ROLLING, TurnedAway(4001))
    assert (state.phase, effects) == (Phase.OPEN, [Report(4001)])

    assert after(state, Lost())[0].phase is Phase.CLOSED


def test_a_socket_that_breaks_while_its_successor_opens_is_only_reported() -> None:
    assert after(ROLLING, Lost()) == (OPENING, [Report(1006)])


@pytest.mark.parametrize("farewell", [1000, 4429])
def test_a_place_that_was_given_to_another_is_not_fought_for(farewell: int) -> None:
    state, effects = after(OPEN, Lost(farewell))

    assert (state.phase, effects) == (Phase.CLOSED, [Report(farewell)])
    assert after(state, Happening.WANTED) == (OPENING, [Do.OPEN])


def test_what_is_not_wanted_any_more_is_closed_for_good() -> None:
    state, effects = after(ROLLING, Happening.UNWANTED)

    assert effects == [Do.DROP, Report(1000)]
    assert after(state, Happening.RESTED, Happening.AGED, Lost()) == (state, [])


EVENTS = st.sampled_from(
    [*Happening, TurnedAway(4001), TurnedAway(4429), TurnedAway(1013), Lost(), Lost(4001), Lost(4429)]
)


@given(st.lists(EVENTS, max_size=40), st.floats(0, 1, exclude_max=True))
def test_in_every_life_each_state_has_something_that_leads_on(events: list[Event], random: float) -> None:
    state = State()
    for event in events:
        before = state
        state, effects = step(before, event, RULES, random=random)

        opens = [effect for effect in effects if effect in {Do.OPEN, Do.OPEN_ANEW}]
        assert bool(opens) == (state.attempt is Attempt.OPENING and before.attempt is not Attempt.OPENING)
        if state.attempt is Attempt.PAUSING and before.attempt is not Attempt.PAUSING:
            assert any(isinstance(effect, Pause) for effect in effects)
        assert all(effect.seconds >= 0 for effect in effects if isinstance(effect, Pause))
        assert state.failures <= RULES.attempts


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True))
def test_pauses_are_spread_from_nothing_to_their_limit(failures: int, random: float) -> None:
    backoff = Backoff(base=0.5, cap=30)

    pause = backoff.pause(failures, random=random)

    assert 0 <= pause <= 30
    assert pause == random * backoff.pause(failures, random=1.0)
    assert replace(backoff, base=0).pause(failures, random=random) == 0
