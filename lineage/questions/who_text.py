"""Who touched, as a person reads it."""

from lineage.answers import Answer
from lineage.questions.wording import NO_VENDOR, caveat_lines, clock, coverage_lines, page, table


def who_text(answer: Answer) -> str:
    found = answer.document()
    (kind, asked), *_ = [item for item in found["parameters"].items() if item[0] not in ("from", "to")]
    name = " ".join(asked) if isinstance(asked, list) else asked
    touches = found["touches"]
    lines = [
        f"{len(touches)} touches of {kind} {name} are known." if touches else f"No touch of {kind} {name} is known."
    ]
    if touches:
        lines += ["", "By vendor:"]
        lines += table(
            [
                (
                    vendor or NO_VENDOR,
                    ", ".join(f"{count} {grade}" for grade, count in counts.items() if count),
                )
                for vendor, counts in found["summary"]["vendors"].items()
            ]
        )
        lines += ["", "Touches:"]
        lines += table(
            [
                (
                    clock(touch["start"]),
                    touch["grade"],
                    touch["operation"],
                    touch["principal"] or "-",
                    f"run {touch['run_id']}" if touch["kind"] == "run" else "access",
                    touch["dataset"]["name"],
                    ", ".join(touch["categories"]),
                )
                for touch in touches
            ]
        )
    lines += ["", "What could not be seen:"] + (
        coverage_lines(found["coverage"]) or ["  nothing that this answer leans on."]
    )
    if found["caveats"]:
        lines += ["", "Caveats:", *caveat_lines(found["caveats"])]
    return page(lines)
