"""How a route is declared, found, and described by its declaration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

import pytest

from functions.generate.api import ROUTES
from functions.generate.endpoints import generations, health, prompts
from functions.generate.problems import BadRequest, Invalid, KeyReused, MethodNotAllowed, NotFound
from functions.generate.routes import find
from functions.shared.cors import METHODS
from functions.shared.errors import Forbidden, Unauthenticated
from functions.shared.wire import problems
from local.paths import ROOT

if TYPE_CHECKING:
    from functions.generate.routes import Route

ID = "0" * 32


def test_every_route_has_a_name_of_its_own_and_a_first_line() -> None:
    names = [route.serve.__name__ for route in ROUTES]

    assert len(names) == len(set(names))
    assert all(route.serve.__doc__ for route in ROUTES)


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
def test_the_protocol_says_what_is_at_every_path(path: str) -> None:
    written = re.sub(r"\(\?P<\w+>[^)]+\)", r"\\{\\w+\\}", path)

    assert re.search(rf"{written}[`?]", (ROOT / "docs/protocol.md").read_text())


def test_all_but_the_health_check_needs_a_token() -> None:
    assert {route.path for route in ROUTES if route.is_public} == {"/health"}


def test_pages_may_use_every_method_that_a_route_has_and_no_other() -> None:
    assert {route.method for route in ROUTES} == set(METHODS)


@pytest.mark.parametrize(
    ("method", "path", "expected", "parameters"),
    [
        ("GET", "/health", health.health, {}),
        ("GET", "/health/", health.health, {}),
        ("GET", f"/api/chat/generations/{ID}", generations.read, {"id": ID}),
        ("POST", f"/api/chat/generations/{ID}/cancel/", generations.cancel, {"id": ID}),
    ],
)
def test_a_route_is_found_by_method_and_path(
    method: str, path: str, expected: Route, parameters: dict[str, str]
) -> None:
    assert find(ROUTES, method, path) == (expected, parameters)


@pytest.mark.parametrize("path", ["/", "/health//", "/healthy", f"/api/chat/generations/{ID}0", "/API/chat"])
def test_another_path_leads_nowhere(path: str) -> None:
    with pytest.raises(NotFound):
        find(ROUTES, "GET", path)


def test_another_method_is_told_which_there_are() -> None:
    with pytest.raises(MethodNotAllowed, match="Use GET or DELETE here") as refused:
        find(ROUTES, "PUT", "/api/chat/connections")

    assert refused.value.headers() == {"Allow": "GET, DELETE"}


def test_a_declaration_adds_what_any_such_call_may_be_refused_for() -> None:
    assert set(health.health.refusals()) == {Forbidden}
    assert {Unauthenticated, Forbidden, BadRequest, Invalid, KeyReused} <= set(prompts.generate.refusals())
    assert BadRequest in generations.read.refusals()
    assert BadRequest not in generations.cancel.refusals()


def test_every_word_of_the_contract_belongs_to_a_problem() -> None:
    told = {refusal.code for route in ROUTES for refusal in route.refusals()}

    assert set(get_args(problems.ProblemWord)) - told == {"method_not_allowed"}, "that one no route decides"
