"""What a route of the HTTP API may refuse a call with is declared, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from functions.generate import wiring
from functions.generate.api import ROUTES, Api
from functions.generate.body_reading import read_body
from functions.generate.endpoints import generations
from functions.generate.problems import (
    KeyReused,
    MethodNotAllowed,
    NotFound,
    TooManyAtOnce,
    TooManyThisMinute,
)
from functions.generate.routes import BODY, CALLER
from functions.shared.errors import Unavailable
from tests.support.raising import refusals_of

if TYPE_CHECKING:
    from functions.generate.routes import Route
    from tests.integration.generate.site import Site


@pytest.fixture
def site(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A deployment that takes attachments, too."""
    monkeypatch.setenv("ATTACHMENTS_BUCKET", "a-bucket")
    wiring.api.cache_clear()
    return site


DISPATCH = {NotFound, MethodNotAllowed}
"""What no route refuses: there is none then."""


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.serve.__name__)
@pytest.mark.usefixtures("site")
def test_a_route_declares_what_it_can_refuse_and_nothing_else(route: Route) -> None:
    implied = set(replace(route, refuses=()).refusals())

    can_refuse = refusals_of(route.serve, api=wiring.api())

    assert can_refuse | implied == set(route.refusals())


@pytest.mark.usefixtures("site")
def test_what_any_call_may_be_refused_for_is_known_too() -> None:
    api = wiring.api()

    can_refuse = refusals_of(Api.reply, self=api)

    assert can_refuse | {Unavailable} == {*CALLER, *BODY, *DISPATCH}
    assert refusals_of(read_body) == set(BODY)


@pytest.mark.usefixtures("site")
def test_a_refusal_is_found_behind_the_ports_that_lead_to_it() -> None:
    api = wiring.api()

    assert refusals_of(api.submission.submit) >= {KeyReused, TooManyThisMinute, TooManyAtOnce, Unavailable}
    assert refusals_of(api.ticket_issuer.limits.admit) == {TooManyThisMinute, Unavailable}
    assert refusals_of(generations.cancel.serve, api=api) == {NotFound, Unavailable}
