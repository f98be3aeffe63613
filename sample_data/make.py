"""Writes the sample data: ``python3 -m sample_data.make`` gives the same bytes every time, on any machine.

Written by hand, and left alone: catalog.yml, advisories/ and README.md. Everything else here is the story
of ``story/``, told through the logs of the systems in it; ``tests/sample_truth.json`` says what is true.
"""

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sample_data.story import environments, expected, holdings, incident, logs, office, people, pipelines
from sample_data.story import lineage_events as openlineage
from sample_data.story.draw import at

HERE = Path(__file__).parent
TRUTH = HERE.parent / "tests" / "sample_truth.json"
Told = tuple[datetime, dict[str, Any]]


def main() -> None:
    """Writes everything anew."""
    everyone = people.everyone()
    rows = people.contractor_records(everyone)
    records = [
        *rows, *holdings.payroll_records(everyone), *holdings.identity_check_records(everyone),
        *holdings.interview_records(everyone), *holdings.annotation_records(everyone),
        *holdings.small_records(everyone),
    ]  # fmt: skip
    for folder in ("records", "openlineage", "pgaudit", "access", "sbom"):
        shutil.rmtree(HERE / folder, ignore_errors=True)
    write_records(everyone, records)
    write_lineage()
    write_logs(everyone, rows)
    for name, document in environments.snapshots():
        write(HERE / "sbom" / name, json.dumps(document, separators=(",", ":")) + "\n")
    truth = expected.expected(everyone, records)
    write(TRUTH, json.dumps(truth, indent=1, ensure_ascii=False) + "\n")


def write_records(everyone: list[people.Person], records: list[people.Record]) -> None:
    """A table of record entries for each dataset, and whose law protects whom."""
    by_name: dict[str, list[people.Record]] = defaultdict(list)
    for record in records:
        by_name[record.dataset.name.rpartition(".")[2]].append(record)
    for name, rows in by_name.items():
        write(HERE / "records" / f"records-{name}.csv", logs.record_table(rows))
    write(HERE / "data_subjects.csv", logs.subject_table(everyone))


def write_lineage() -> None:
    """A file for each day, by the day on which the events came in."""
    planned = {run.id: run for run in pipelines.routine()}
    planned |= {run.id: run for run in vars(incident.runs()).values()}
    told = (event for run in planned.values() for event in openlineage.events(run))
    write_lines(told, "openlineage/{:%Y-%m-%d}.ndjson".format)


def write_logs(everyone: list[people.Person], rows: list[people.Record]) -> None:
    """The database's log, and the access events of the systems around it."""
    pay_rows = sum(p.country == "DE" and p.monthly_amount >= 2500 and p.status != "onboarding" for p in everyone)
    requests = [*office.requests(everyone, rows), *incident.requests(pay_rows)]
    noted = people.selected(rows, at("03-24 12:20:37"), incident.noted)
    kenyan = people.selected(rows, at("03-24 22:41:09"), incident.kenyan)
    present = people.selected(rows, at("03-24 12:48:02"), lambda row: True)
    statements = [
        *office.statements(everyone, rows),
        *incident.statements(len(noted), len(kenyan), len(present)),
        *logs.behind_people_api(requests),
    ]
    lost, found = office.LOG_GAP
    kept = [statement for statement in statements if not lost < statement.when < found]
    write_lines(logs.jsonlog(kept), lambda when: f"pgaudit/postgresql-{rotated(when)}.json")
    for system in ("idcheck", "object-store", "people-api"):
        events = logs.access_events(request for request in requests if request.system == system)
        write_lines(events, f"access/access-{system}-{{:%G-W%V}}.ndjson".format)


def rotated(when: datetime) -> date:
    """The day on which the log file of that moment was begun: Mondays, Wednesdays and Fridays."""
    back = (0, 1, 0, 1, 0, 1, 2)[when.weekday()]
    return when.date() - timedelta(days=back)


def write_lines(told: Iterable[Told], name: Callable[[datetime], str]) -> None:
    """One-line JSON texts into the file that ``name`` gives for their instant, in order of time."""
    files: dict[str, list[str]] = defaultdict(list)
    for when, event in sorted(told, key=lambda pair: pair[0]):
        files[name(when)].append(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")
    for file, lines in files.items():
        write(HERE / file, "".join(lines))


def write(path: Path, text: str) -> None:
    """UTF-8 with plain newlines, whatever the machine likes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())


if __name__ == "__main__":
    main()
