"""Where the people live whom data is about: data_subject, jurisdiction. Nothing else of them is kept."""

from collections.abc import Iterator
from typing import BinaryIO

from lineage.collectors.framing import csv_records, json_any
from lineage.collectors.interface import Block, Collector, Head, Rejected
from lineage.collectors.judging import PLACED
from lineage.collectors.keys import KEY_MACRO
from lineage.collectors.sniffing import csv_header, first_objects


def _claims(head: Head) -> bool:
    told = [csv_header(head), *map(frozenset, first_objects(head))]
    return any({"data_subject", "jurisdiction"} <= names and "dataset_name" not in names for names in told)


def _frame(stream: BinaryIO, head: Head) -> Iterator[Block | Rejected]:
    return (csv_records if csv_header(head) and not first_objects(head) else json_any)(stream, head)


_READ = r"""
CREATE OR REPLACE TEMP TABLE subject_read AS
SELECT position, digest, key_text(e.data_subject) AS data_subject, json_type(e.jurisdiction) AS kind,
    nullif(nullif(e.jurisdiction->>'$', ''), '\N') AS jurisdiction
FROM (
    SELECT position, digest, from_json(text, '{"data_subject": "JSON", "jurisdiction": "JSON"}') AS e
    FROM line
)
"""
_JUDGED = """
CREATE OR REPLACE TEMP TABLE judged AS
SELECT *, CASE
    WHEN coalesce(data_subject, '') = '' THEN 'data_subject is missing, or neither text nor an exact number.'
    WHEN kind <> 'VARCHAR' THEN 'jurisdiction is no text.'
END AS fault
FROM subject_read
"""
_SUBJECTS = """
INSERT INTO staged_subject (position, data_subject, jurisdiction)
SELECT position, {'namespace': '', 'name': data_subject}, jurisdiction
FROM judged WHERE fault IS NULL
"""

COLLECTOR = Collector(
    name="data_subjects",
    title="Data subjects and their jurisdictions, as CSV or JSON",
    claims=_claims,
    frame=_frame,
    load=(KEY_MACRO, _READ, _JUDGED, *PLACED, _SUBJECTS),
    example="data_subject,jurisdiction\nC-0001,KE",
)
