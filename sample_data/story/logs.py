"""How the systems wrote it down: PostgreSQL's jsonlog with pgaudit, and access events."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sample_data.story.acts import Request, Statement, host_of
from sample_data.story.draw import number, opaque, stamp
from sample_data.story.people import Person, Record

Json = dict[str, Any]


def jsonlog(statements: Iterable[Statement]) -> Iterator[tuple[datetime, Json]]:
    """The server's log lines in order, with pgaudit's settings log_parameter and log_rows on."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    for statement in sorted(statements, key=lambda s: (s.when, s.principal)):
        began = statement.when.replace(minute=0, second=0, microsecond=0)
        pid = 2000 + number(f"{statement.principal} {began}", 30000)
        session = f"{int(began.timestamp()):x}.{pid:x}"
        if session not in lines:
            lines[session], counts[session] = 2, 0
        if not statement.denied:
            counts[session] += 1
        for message in _messages(statement, counts[session]):
            lines[session] += 1
            yield statement.when, _line(statement, began, pid, session, lines[session]) | message


def _line(statement: Statement, began: datetime, pid: int, session: str, no: int) -> Json:
    application, host = host_of(statement.principal)
    return {
        "timestamp": _local(statement.when),
        "user": statement.principal,
        "dbname": "people",
        "pid": pid,
        "remote_host": statement.host or host,
        "remote_port": 40000 + pid % 20000,
        "session_id": session,
        "line_num": no,
        "ps": statement.sql.split()[0],
        "session_start": began.strftime("%Y-%m-%d %H:%M:%S UTC"),
        "vxid": f"{pid % 50}/{no}",
        "txid": 0,
        "error_severity": "LOG",
        "application_name": application if statement.host is None else "",
        "backend_type": "client backend",
        "query_id": 0,
    }


def _messages(statement: Statement, no: int) -> Iterator[Json]:
    if statement.denied:
        yield {
            "error_severity": "ERROR",
            "state_code": "42501",
            "message": statement.denied,
            "statement": statement.sql,
        }
    for class_, command, kind, name in statement.touches:
        parameters = _csv(statement.parameters) if statement.parameters else "<none>"
        fields = (
            "SESSION",
            str(no),
            "1",
            class_,
            command,
            kind,
            name,
            statement.sql,
            parameters,
            str(statement.rows),
        )
        yield {"message": f"AUDIT: {_csv(fields)}"}


def _csv(fields: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


def _local(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S.") + f"{when.microsecond // 1000:03d} UTC"


def behind_people_api(requests: Iterable[Request]) -> Iterator[Statement]:
    """The people API asks the database as itself: each of its requests is seen there a second time."""
    for request in requests:
        if request.system == "people-api" and request.sql and request.outcome == "success":
            table = request.dataset.name.removeprefix("people.")
            yield Statement(
                request.when + timedelta(milliseconds=3), "svc_people_api", request.sql,
                (("READ", "SELECT", "TABLE", table),), request.parameters, request.rows or 0,
            )  # fmt: skip


def access_events(requests: Iterable[Request]) -> Iterator[tuple[datetime, Json]]:
    """Access events in order; what a system does not know is left out."""
    for request in sorted(requests, key=lambda r: (r.when, r.principal, r.keys)):
        moment = f"{request.system} {request.when} {request.principal} {request.keys}"
        told: Json = {
            "id": f"{request.system}-{opaque(moment, 12)}",
            "time": stamp(request.when),
            "end_time": stamp(request.when + timedelta(seconds=request.seconds)) if request.seconds else None,
            "principal": request.principal,
            "operation": request.operation,
            "outcome": request.outcome,
            "dataset": {"namespace": request.dataset.namespace, "name": request.dataset.name},
            "keys": list(request.keys) or None,
            "statement": request.sql,
            "dialect": "postgres" if request.sql else None,
            "parameters": list(request.parameters) or None,
            "row_count": request.rows,
            "client_ip": request.host or host_of(request.principal)[1],
            "run_id": request.run,
        }
        yield request.when, {name: value for name, value in told.items() if value is not None}


ENTRY = ("dataset_namespace", "dataset_name", "key", "data_subject", "valid_from", "valid_to")


def record_table(records: list[Record]) -> str:
    """A dataset's record entries as CSV."""
    columns = list(dict.fromkeys(name for record in records for name in record.attributes))
    rows = [
        [
            record.dataset.namespace, record.dataset.name, record.key, record.subject,
            stamp(record.valid_from), stamp(record.valid_to) if record.valid_to else "",
            *(record.attributes[name] for name in columns),
        ]
        for record in records
    ]  # fmt: skip
    return _table([*ENTRY, *columns], rows)


def subject_table(people: list[Person]) -> str:
    """Whose law protects whom, as CSV."""
    return _table(["data_subject", "jurisdiction"], [[person.id, person.country] for person in people])


def _table(header: list[str], rows: list[list[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([header, *rows])
    return text.getvalue()
