"""How instants are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.times import epoch_milliseconds, epoch_seconds, rfc3339
from tests.support.builders import NOON


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOON, "2026-11-22T12:00:00.000Z"),
        (NOON + timedelta(microseconds=123_999), "2026-11-22T12:00:00.123Z"),
        (NOON.astimezone(timezone(timedelta(hours=5, minutes=30))), "2026-11-22T12:00:00.000Z"),
    ],
)
def test_people_read_rfc_3339_in_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert rfc3339(moment) == text


def test_conditions_compare_whole_seconds_and_milliseconds() -> None:
    moment = datetime(1970, 1, 2, 0, 0, 1, 999_999, tzinfo=UTC)

    assert (epoch_seconds(moment), epoch_milliseconds(moment)) == (86_401, 86_401_999)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_a_stored_instant_reads_as_it_did_before(moment: datetime) -> None:
    restored = datetime.fromtimestamp(epoch_milliseconds(moment) / 1000, UTC)

    assert rfc3339(restored) == rfc3339(moment)
