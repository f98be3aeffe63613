"""The blast radius as a person reads it in a minute."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from lineage.answers import Answer
from lineage.flow.grades import GRADES
from lineage.questions.wording import (
    APART,
    NO_VENDOR,
    REASONS,
    asked_when,
    by_time,
    caveat_lines,
    clock,
    clocks,
    computed,
    coverage_lines,
    cut,
    lacking,
    page,
    span,
    span_lines,
    sure_lines,
    table,
)

ALL = "--format json shows all"
LINES, ATTEMPTS = 12, 8  # of a list, and of attempts, before the rest is only counted


def blast_text(answer: Answer) -> str:
    found = answer.document(without=("data_subjects", "records", "altered"))
    people = found["summary"]["data_subjects"]
    lines = [_headline(people, found["summary"]["altered"]), ""]
    lines += [f"Asked: {asked_when(found['parameters'])}", ""]
    lines += sure_lines(people)
    if people["possible_because"]:
        lines += ["", "Why the possible ones are not better known:"]
        lines += table([(str(count), REASONS.get(why, why)) for why, count in people["possible_because"].items()])
    summary = found["summary"]
    for title, key in (
        ("By data category", "by_category"),
        ("By jurisdiction", "by_jurisdiction"),
        ("Through which vendor", "by_vendor"),
    ):
        if summary[key]:
            lines += ["", *span_lines(title, summary[key], NO_VENDOR if key == "by_vendor" else "-")]
    if summary["records"]["at_most"]:
        lines += ["", f"Records: {span(summary['records'])}."]
    if summary["altered"]["at_most"]:
        lines += ["", f"Altered: {span(summary['altered'])} data subjects, {APART}."]
    lines += _things(found)
    lines += _path(people, answer.sections["data_subjects"])
    lines += ["", "What could not be seen:"]
    lines += _unseen(found["coverage"], people) or ["  nothing that this answer leans on: at most is a bound."]
    if found["caveats"]:
        lines += ["", "Caveats:", *caveat_lines(found["caveats"])]
    lines += ["", computed(found["checkpoint"])]
    return page(lines)


def _unseen(coverage: list[dict[str, Any]], people: dict[str, Any]) -> list[str]:
    calls = people.get("unbounded_because", {}).get("unseen-call", 0)
    return coverage_lines(coverage) + ([f"  {calls} {lacking('unseen-call', calls)}"] if calls else [])


def _headline(people: dict[str, Any], altered: dict[str, Any]) -> str:
    if not people["at_most"] and altered["at_most"]:
        read = "were read" if people["bounded"] else "are known to be read; not all could be seen"
        return f"No data subject's records {read}. Altered: {span(altered)} data subjects."
    if not people["at_most"]:
        return (
            "No data subject was touched."
            if people["bounded"]
            else "No data subject is known to be touched; not all could be seen."
        )
    bound = "" if people["bounded"] else " (not a bound: see what could not be seen)"
    return f"Data subjects touched: {span(people)}{bound}."


def _things(found: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    compromised = [run for run in found["runs"] if run["compromised"]]
    if compromised:
        jobs = Counter((_job(run), run["compromised"]) for run in compromised)
        lines += ["", "Compromised runs, by job:"]
        lines += cut(table([(job, f"{count} {state}") for (job, state), count in sorted(jobs.items())]), LINES, ALL)
    for title, key in (
        ("Exposed datasets (read by what was compromised, or open to it)", "exposed"),
        ("Contaminated datasets (what a compromised run wrote may have come into them)", "contaminated"),
    ):
        rows = sorted(((item["name"], item[key]) for item in found["datasets"] if item[key]), key=_surest)
        if rows:
            lines += ["", f"{title}:", *cut(table(rows), LINES, ALL)]
    runs = [run for run in found["runs"] if run["contaminated"]]
    if runs:
        sure = sum(run["contaminated"] == "certain" for run in runs)
        lines += ["", f"Contaminated runs: {sure} certain, {len(runs) - sure} possible."]
    if found["attempts"]:
        lines += ["", "Attempts that failed:"]
        lines += cut(
            table(
                [
                    (
                        clock(item["time"]),
                        item["principal"] or "-",
                        item["outcome"],
                        (item["dataset"] or {"name": "-"})["name"],
                    )
                    for item in sorted(found["attempts"], key=by_time)
                ]
            ),
            ATTEMPTS,
            ALL,
        )
    return lines


def _path(counts: dict[str, Any], people: Iterable[dict[str, Any]]) -> list[str]:
    """One person's path in full: the first of the strongest grade."""
    strongest = next((grade for grade in GRADES.values() if counts[grade]), None)
    person = next((one for one in people if one["grade"] == strongest), None)
    if person is None:
        return []
    steps = [f"  {number}. {clocks(step)}" for number, step in enumerate(person["path"], 1)]
    return [
        "",
        f"For example {person['id']}, {strongest}:",
        *steps,
        *(f"  {'' if number else 'evidence:':9} {digest}" for number, digest in enumerate(person["evidence"])),
    ]


def _surest(row: tuple[str, str]) -> tuple[bool, str]:
    """What is certain first, then by name: a list that is cut leaves out the weaker ones."""
    name, state = row
    return state != "certain", name


def _job(run: dict[str, Any]) -> str:
    return f"{run['job']['namespace']}/{run['job']['name']}" if run["job"] else "(no job told)"
