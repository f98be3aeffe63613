import json

import pytest

from lineage.catalog import read, to_json
from lineage.catalog.model import Dataset, Field, Job, Match, Principal, Source, Vendor
from lineage.errors import LineageError
from lineage.names import AFTER_ALL, BEFORE_ALL, parse_instant
from tests.catalog.examples import FULL

HEAD = "version: 1\nas_of: 2026-03-25T00:00:00Z\n"


def test_every_key_is_read() -> None:
    catalog = read(FULL)
    assert catalog.as_of == parse_instant("2026-03-25T00:00:00Z")
    assert catalog.vendors == (
        Vendor("northgate", "Northgate Talent", "processor", None, "US"),
        Vendor("tagworks", "tagworks", "sub_processor", "northgate"),
    )
    february = parse_instant("2026-02-01T00:00:00Z")
    assert catalog.principals == (
        Principal("svc_backup", BEFORE_ALL, AFTER_ALL),
        Principal(
            "svc_northgate",
            parse_instant("2025-12-31T23:00:00Z"),
            february,
            "northgate",
            "service",
            (parse_instant("2026-01-05T09:00:00Z"), parse_instant("2026-03-25T09:00:00Z")),
            ("arn:aws:iam::111122223333:user/northgate-etl",),
        ),
        Principal("svc_northgate", february, AFTER_ALL, "tagworks"),
    )
    hour = 3_600_000_000
    assert catalog.jobs == (
        Job(Match("airflow", "northgate_*"), "northgate", "svc_northgate", "airflow-workers", 36 * hour),
        Job(Match("*", "nightly"), max_duration=24 * hour),
    )
    assert [(e.id, e.credentials) for e in catalog.environments] == [("airflow-workers", ("svc_backup",))]
    assert catalog.datasets == (
        Dataset(
            Match("postgres://people-db:5432", "people.public.contractors"),
            ("contractor_id",),
            "append",
            True,
            (Field("full_name", ("Name",)), Field("country")),
            (),
            ("people-db-audit",),
        ),
        Dataset(Match("*", "*.v_contractors"), view_of=("people.public.contractors",)),
    )
    assert catalog.sources == (
        Source(
            "people-db-audit",
            "pgaudit",
            "postgres://people-db:5432",
            "pgaudit/*",
            hour,
            "Europe/Berlin",
            ("read", "update"),
        ),
        Source("own", "access"),
    )
    assert catalog.sources[1].observes == ("read", "create", "update", "delete", "list")


def test_json_is_one_line_and_spells_out_what_was_left_out() -> None:
    assert "\n" not in to_json(read(FULL))
    least = json.loads(to_json(read(HEAD)))
    assert least == {
        "version": 1,
        "as_of": 1_774_396_800_000_000,
        **{key: [] for key in ("vendors", "principals", "jobs", "environments", "datasets", "sources")},
    }


def test_layout_and_the_order_of_what_has_none_change_nothing() -> None:
    one = HEAD + "vendors: [{id: a}, {id: b}]\nenvironments: [{id: e, credentials: [y, x]}]\n"
    other = (
        'environments:\n  - credentials: ["x", "y", "x"]\n    id: e  # here\n'
        "vendors:\n  - id: b\n    name: b\n  - {id: a, country: null}\njobs:\n"
        "as_of: 2026-03-25 01:00:00+01:00\nversion: 1\n"
    )
    assert to_json(read(one)) == to_json(read(other))


def test_the_order_of_jobs_and_datasets_is_kept() -> None:
    told = HEAD + "jobs: [{match: {name: b}}, {match: {name: a}}]\n"
    assert [job.match.name for job in read(told).jobs] == ["b", "a"]


@pytest.mark.parametrize(
    ("line", "section", "sentence"),
    [
        (4, "vendors:\n  - {id: a, contry: US}", "'contry' is no key of a vendor"),
        (3, "vendor: []", "'vendor' is no key of a catalog"),
        (4, "vendors:\n  - {name: A}", "needs the key 'id'"),
        (4, "vendors:\n  - {id: a, id: b}", "'id' stands twice"),
        (4, "vendors: []\nvendors: []", "'vendors' stands twice"),
        (4, "vendors:\n  - {id: a, country: NO}", "NO is read as no text"),
        (4, "vendors:\n  - {id: 17}", "17 is read as no text"),
        (4, "vendors:\n  - {id: }", "a text is due"),
        (4, "vendors:\n  - {id: a, role: controller}", "'controller' is not known"),
        (4, "vendors:\n  - {id: a, sub_processor_of: b}", "no vendor 'b'"),
        (5, "vendors:\n  - {id: a}\n  - {id: a}", "'a' stands on line 4"),
        (4, "vendors:\n  - {id: a, sub_processor_of: b}\n  - {id: b, sub_processor_of: a}", "of itself"),
        (
            5,
            "vendors:\n  - {id: a, sub_processor_of: b}\n  - {id: b, sub_processor_of: c}\n"
            "  - {id: c, sub_processor_of: b}",
            "'b' is a sub-processor of itself",
        ),
        (3, "vendors: {id: a}", "a list is due"),
        (4, "vendors:\n  - a", "keys with values are due"),
        (4, "principals:\n  - {id: p, vendor: a}", "no vendor 'a'"),
        (5, "principals:\n  - id: p\n    valid_from: 2026-03-25T00:00:00", "no offset"),
        (5, "principals:\n  - id: p\n    valid_from: 2026-03-25", "is no time"),
        (5, "principals:\n  - id: p\n    valid_from: 20260325", "a time is due"),
        (
            4,
            "principals:\n  - {id: p, valid_from: 2026-03-25T00:00:00Z, valid_to: 2026-03-25T00:00:00Z}",
            "ends before it begins",
        ),
        (5, "principals:\n  - {id: p, valid_to: 2026-03-25T00:00:01Z}\n  - {id: p}", "overlaps with line 4"),
        (5, "principals:\n  - {id: p, aliases: [x]}\n  - {id: q, aliases: [x]}", "already stands for 'p'"),
        (5, "principals:\n  - {id: p}\n  - {id: q, aliases: [p]}", "already stands for 'p'"),
        (4, "principals:\n  - {id: p, rotated_at: 2026-03-25T00:00:00Z}", "a list is due"),
        (4, "jobs:\n  - {match: airflow}", "keys with values are due"),
        (4, "jobs:\n  - {match: {job: x}}", "'job' is no key of a match"),
        (4, "jobs:\n  - {vendor: a}", "needs the key 'match'"),
        (4, "jobs:\n  - {match: {name: x}, vendor: a}", "no vendor 'a'"),
        (4, "jobs:\n  - {match: {name: x}, max_duration: 24}", "a length of time is due"),
        (4, "jobs:\n  - {match: {name: x}, max_duration: 0h}", "a length of time is due"),
        (5, "environments:\n  - {id: e}\n  - {id: e}", "'e' stands on line 4"),
        (4, "datasets:\n  - {match: {name: x}, indexed: 1}", "true or false is due"),
        (4, "datasets:\n  - {match: {name: x}, write_mode: replace}", "'replace' is not known"),
        (4, "datasets:\n  - {match: {name: x}, fields: [a]}", "keys with values are due"),
        (4, "datasets:\n  - {match: {name: x}, fields: {a: Name}}", "a list is due"),
        (4, "sources:\n  - {id: s}", "needs the key 'collector'"),
        (4, "sources:\n  - {id: s, collector: c, timezone: Mars/Base}", "no time zone"),
        (4, "sources:\n  - {id: s, collector: c, timezone: localtime}", "no time zone"),
        (4, "sources:\n  - {id: s, collector: c, timezone: posix/Europe/Berlin}", "no time zone"),
        (4, "sources:\n  - {id: s, collector: c, observes: [write]}", "'write' is not known"),
        (5, "sources:\n  - {id: s, collector: c}\n  - {id: s, collector: d}", "'s' stands on line 4"),
        (4, "vendors:\n  - {id: [}", "not valid YAML"),
        (4, "vendors:\n  - {id: a\x07}", "control characters are not allowed"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(line: int, section: str, sentence: str) -> None:
    with pytest.raises(LineageError) as caught:
        read(f"{HEAD}{section}\n")
    assert f"Line {line} of the catalog" in caught.value.sentence
    assert sentence in caught.value.sentence
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "version: 1\n",
        "version: 2\nas_of: 2026-03-25T00:00:00Z\n",
        "- a\n",
        "a: b\n---\nc: d\n",
    ],
)
def test_what_is_no_catalog_is_refused(text: str) -> None:
    with pytest.raises(LineageError, match="catalog"):
        read(text)


def test_a_wrong_key_comes_with_the_nearest() -> None:
    with pytest.raises(LineageError) as caught:
        read(f"{HEAD}vendors:\n  - {{id: a, contry: US}}\n")
    assert caught.value.hint == "Did you mean country?"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("told", ["[" + "a," * 5000 + "]", "[" + "a" * 10_000 + "]"])
def test_aliases_that_stand_for_too_much_are_refused(told: str) -> None:
    """A hundred KB of them stood for gigabytes."""
    entry = f"&entry {{match: {{name: d}}, view_of: {told}}}"
    with pytest.raises(LineageError, match=r"Line 4 .*aliases"):
        read(f"{HEAD}datasets:\n - [{entry}{', *entry' * 5000}]\n")


def test_aliases_are_read_as_what_they_stand_for() -> None:
    written = read(f"{HEAD}datasets: [{{match: {{name: d}}, key: [k, m]}}, {{match: {{name: e}}, key: [k, m]}}]\n")
    named = read(f"{HEAD}datasets: [{{match: {{name: d}}, key: &k [k, m]}}, {{match: {{name: e}}, key: *k}}]\n")
    assert named == written


@pytest.mark.parametrize("opened", ["[", "{a: ", "- "])
def test_what_is_nested_without_end_is_refused(opened: str) -> None:
    """The parser would go as deep as the machine's stack, and beyond."""
    with pytest.raises(LineageError, match=r"Line [34] .*nested"):
        read(f"{HEAD}vendors: {'' if opened != '- ' else chr(10)}{opened * 100_000}")
