"""A caller's trace is taken up as W3C Trace Context says, and anything else begins one of our own."""

from __future__ import annotations

import re

import pytest

from functions.shared.trace_context import TraceContext

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_a_trace_that_is_given_is_taken_up() -> None:
    taken = TraceContext.taken_up(f"00-{TRACE}-{SPAN}-01")

    assert taken == TraceContext(trace_id=TRACE, span_id=SPAN, sampled=True)


@pytest.mark.parametrize(("flags", "sampled"), [("00", False), ("01", True), ("02", False), ("ff", True)])
def test_only_the_lowest_flag_says_whether_it_is_recorded(flags: str, sampled: bool) -> None:  # noqa: FBT001
    assert TraceContext.taken_up(f"00-{TRACE}-{SPAN}-{flags}").sampled is sampled


@pytest.mark.parametrize("header", [f"01-{TRACE}-{SPAN}-01", f"cc-{TRACE}-{SPAN}-01-what-comes-later"])
def test_later_versions_are_read_as_far_as_they_are_known(header: str) -> None:
    assert TraceContext.taken_up(header).trace_id == TRACE


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "00",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f" 00-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n",
        f"00-{TRACE}-{SPAN}-01,00-{TRACE}-{SPAN}-01",
        f"01-{TRACE}-{SPAN}-01-{'x' * 500}",
        f"00-{TRACE}-{SPAN}-0\u0661",
    ],
)
def test_what_cannot_be_read_begins_a_trace(header: str | None) -> None:
    begun = TraceContext.taken_up(header)

    assert re.fullmatch("[0-9a-f]{32}", begun.trace_id)
    assert (begun.trace_id != TRACE, begun.span_id, begun.sampled) == (True, "", True)


@pytest.mark.parametrize("span_id", [SPAN, ""])
@pytest.mark.parametrize("sampled", [True, False])
def test_what_was_stored_is_read_again(span_id: str, sampled: bool) -> None:  # noqa: FBT001
    trace = TraceContext(trace_id=TRACE, span_id=span_id, sampled=sampled)

    assert TraceContext.stored(trace.text) == trace


def test_a_record_of_an_older_release_has_none() -> None:
    assert TraceContext.stored("") is None
