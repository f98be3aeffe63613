"""Who touched, as a person reads it."""

from collections.abc import Sequence

from lineage.answers import Answer
from lineage.names import BRIEF, brief
from lineage.questions.wording import (
    NO_VENDOR,
    OF_TOUCHES,
    asked_when,
    caveat_lines,
    computed,
    coverage_lines,
    page,
    second,
    sure_lines,
    table,
)

HEADS = ("when (UTC)", "grade", "what", "principal", "through", "dataset", "data categories")
WIDE = 42  # characters of a line's data categories, before the rest is counted
MORE = " more"
CUT = "  Ids of runs and lists of data categories are cut to fit: --format json and --out DIR have them whole."


def who_text(answer: Answer) -> str:
    found = answer.document()
    (kind, told), *_ = [item for item in found["parameters"].items() if item[0] not in ("from", "to")]
    name = f"{kind.replace('-', ' ')} {' '.join(told) if isinstance(told, list) else told}"
    touches, vendors = found["touches"], found["summary"]["vendors"]
    many = f"{len(touches)} touches of {name} are known." if len(touches) > 1 else f"1 touch of {name} is known."
    lines = [many if touches else f"No touch of {name} is known.", "", f"Asked: {asked_when(found['parameters'])}"]
    if touches:
        graded = {grade: sum(counts[grade] for counts in vendors.values()) for grade in OF_TOUCHES}
        lines += ["", *sure_lines(graded, OF_TOUCHES)]
        rows = [
            (vendor or NO_VENDOR, *(str(counts[grade]) for grade in OF_TOUCHES)) for vendor, counts in vendors.items()
        ]
        lines += [
            "",
            *table([("By vendor:", *OF_TOUCHES), *((f"  {who}", *counts) for who, *counts in rows)], indent=""),
        ]
        lines += ["", "Touches:"]
        lines += table(
            [
                HEADS,
                *(
                    (
                        second(touch["start"]).removesuffix(" UTC"),
                        touch["grade"],
                        touch["operation"],
                        touch["principal"] or "-",
                        f"run {_short(touch['run_id'])}" if touch["kind"] == "run" else "access",
                        touch["dataset"]["name"],
                        _few(touch["categories"]),
                    )
                    for touch in touches
                ),
            ]
        )
        if any(len(touch.get("run_id") or "") > BRIEF or _few(touch["categories"]).endswith(MORE) for touch in touches):
            lines.append(CUT)
    lines += ["", "What could not be seen:"] + (
        coverage_lines(found["coverage"]) or ["  nothing that this answer leans on."]
    )
    if found["caveats"]:
        lines += ["", "Caveats:", *caveat_lines(found["caveats"])]
    lines += ["", computed(found["checkpoint"])]
    return page(lines)


def _short(ident: str) -> str:
    told = brief(ident)
    return f"{told}…" if len(told) < len(ident) and ident.startswith(told) else told


def _few(categories: Sequence[str]) -> str:
    """As many as fit, and how many more there are."""
    most = max((n for n in range(1, len(categories) + 1) if len(", ".join(categories[:n])) <= WIDE), default=1)
    rest = len(categories) - most
    return ", ".join(categories[:most]) + (f" … {rest}{MORE}" if rest > 0 else "")
