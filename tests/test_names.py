from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.errors import LineageError
from lineage.names import AFTER_ALL, BEFORE_ALL, brief, format_bound, format_instant, nearest, parse_instant

NOON = 1_774_353_600_000_000  # 2026-03-24T12:00:00Z


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-24T12:00:00Z", NOON),
        ("2026-03-24t12:00:00z", NOON),
        ("2026-03-24 14:00:00+02:00", NOON),
        ("2026-03-24T06:30:00-05:30", NOON),
        ("2026-03-24T12:00:00.5Z", NOON + 500_000),
        ("2026-03-24T12:00:00.123456999Z", NOON + 123_456),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        ("2017-01-01T05:29:60.5+05:30", 1_483_228_800_500_000),
    ],
)
def test_a_time_is_microseconds(text: str, instant: int) -> None:
    assert parse_instant(text) == instant


@pytest.mark.parametrize(
    "text",
    [
        *("", "noon", "2026-03-24", "2026-03-24T12:00Z", "2026-02-30T12:00:00Z", "2026-03-24T24:00:00Z"),
        *("2026-03-24T12:00:00+25:00", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01"),
        *("9999-12-31T23:59:59-00:01", "2026-03-24T11:59:60Z", "2016-12-31T23:59:61Z", "9999-12-31T23:59:60Z"),
    ],
)
def test_what_is_no_time_is_named(text: str) -> None:
    with pytest.raises(LineageError) as caught:
        parse_instant(text)
    assert repr(text) in caught.value.sentence
    assert "2026-03-24T10:39:00Z" in caught.value.hint


def test_a_time_without_an_offset_is_refused_with_what_to_write() -> None:
    with pytest.raises(LineageError) as caught:
        parse_instant("2026-03-24T12:00:00")
    assert "no offset" in caught.value.sentence
    assert "2026-03-24T12:00:00Z" in caught.value.hint
    assert str(caught.value) == f"{caught.value.sentence} {caught.value.hint}"


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31)),  # noqa: DTZ001
    st.integers(-23 * 60, 23 * 60),
)
def test_reading_undoes_writing(moment: datetime, minutes: int) -> None:
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    instant = parse_instant(zoned.isoformat(timespec="microseconds"))
    assert parse_instant(format_instant(instant)) == instant
    assert format_instant(instant) == zoned.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def test_open_ends_have_no_text() -> None:
    assert format_bound(BEFORE_ALL) is None
    assert format_bound(AFTER_ALL) is None
    assert format_bound(NOON) == "2026-03-24T12:00:00.000000Z"
    with pytest.raises(LineageError):
        format_instant(AFTER_ALL)


def test_the_nearest_names_come_first_and_keep_their_case() -> None:
    assert nearest("nortgate", ["Tagworks", "Northgate", "Southgate"])[0] == "Northgate"
    assert nearest("zzz", ["Tagworks", "Northgate"]) == ()


@pytest.mark.timeout(60)
def test_a_name_without_end_is_compared_by_its_beginning() -> None:
    """One of 50 KB took a minute, which nobody could stop; a body may hold one of 32 MiB."""
    long = "".join(chr(33 + number % 150) for number in range(5_000_000))
    known = [f"{number:04}{long[:60]}" for number in range(2000)]
    assert len(nearest(long, known, alike=0)) == 3
    assert nearest(long, [f"{long[:1000]}-other", *known])[0] == f"{long[:1000]}-other"


def test_what_is_shown_of_an_id_tells_runs_of_one_minute_apart() -> None:
    first, second = "01a231c9-4f1b-7c3d-8e2a-6b62f45f5abc", "01a231c9-7a02-7d10-9b11-d1a0cdfa7e02"
    assert (brief(first), brief(second)) == ("…f45f5abc", "…cdfa7e02")
    assert brief("660cfff8-6269-5a2a-99a3-a6b62f45f5ab") == "660cfff8"
    assert brief("run-1") == "run-1"
