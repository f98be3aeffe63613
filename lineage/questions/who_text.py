"""Who touched, as a person reads it."""

from lineage.answers import Answer
from lineage.questions.wording import (
    MEANINGS,
    NO_VENDOR,
    asked_when,
    caveat_lines,
    computed,
    coverage_lines,
    page,
    second,
    sure_lines,
    table,
)

HEADS = ("when", "grade", "what", "principal", "through", "dataset", "data categories")


def who_text(answer: Answer) -> str:
    found = answer.document()
    (kind, told), *_ = [item for item in found["parameters"].items() if item[0] not in ("from", "to")]
    name = f"{kind.replace('-', ' ')} {' '.join(told) if isinstance(told, list) else told}"
    touches, vendors = found["touches"], found["summary"]["vendors"]
    many = f"{len(touches)} touches of {name} are known." if len(touches) > 1 else f"1 touch of {name} is known."
    lines = [many if touches else f"No touch of {name} is known.", "", f"Asked: {asked_when(found['parameters'])}"]
    if touches:
        lines += ["", *sure_lines({grade: sum(counts[grade] for counts in vendors.values()) for grade in MEANINGS})]
        rows = [
            (vendor or NO_VENDOR, *(str(counts[grade]) for grade in MEANINGS)) for vendor, counts in vendors.items()
        ]
        lines += ["", *table([("By vendor:", *MEANINGS), *((f"  {who}", *counts) for who, *counts in rows)], indent="")]
        lines += ["", "Touches:"]
        lines += table(
            [
                HEADS,
                *(
                    (
                        second(touch["start"]),
                        touch["grade"],
                        touch["operation"],
                        touch["principal"] or "-",
                        f"run {touch['run_id']}" if touch["kind"] == "run" else "access",
                        touch["dataset"]["name"],
                        ", ".join(touch["categories"]),
                    )
                    for touch in touches
                ),
            ]
        )
    lines += ["", "What could not be seen:"] + (
        coverage_lines(found["coverage"]) or ["  nothing that this answer leans on."]
    )
    if found["caveats"]:
        lines += ["", "Caveats:", *caveat_lines(found["caveats"])]
    lines += ["", computed(found["checkpoint"])]
    return page(lines)
