"""Pieces of HTML that the pages share the look of. Whatever comes from data is escaped here."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from lineage.errors import LineageError
from lineage.questions import QUESTIONS
from lineage.questions.wording import APART, HELPS, MEANINGS, MOST_SILENCES, REASONS, STATES, lacking, silence, spaced
from ui.link import instead, to
from ui.theme import GRADE_MARK, GRADES

STYLE = Path(__file__).parent / "style.css"
NAMED = 8  # things of which the same is said, before the rest are folded away
FOLDED = 1_000  # of those, how many are told
FIELDS = {parameter.name for question in QUESTIONS for parameter in question.parameters}
Leads = Callable[..., str]  # the address of what a number counts, by query parameters; '' where there is none
Address = Callable[[str, str], str]  # that of a thing by its kind and id, likewise
STATUS = "<code>lineage status</code>"
OPTION = re.compile(r"(?<!\S)--([a-z]+(?:-[a-z]+)*)")


def nowhere(**_: str) -> str:
    """Numbers that lead to no list."""
    return ""


def html(body: str) -> None:
    st.html(f'<div class="lx">{body}</div>')


def style() -> None:
    dark = st.context.theme.type == "dark"
    accent, on_primary, paper = ("#7CC0EE", "#0B1117", "#10161C") if dark else ("#0B5C92", "#FFFFFF", "#FFFFFF")
    own = f":root {{ --accent: {accent}; --on-primary: {on_primary}; --paper: {paper}; }}"
    st.html(f"<style>{own}\n{STYLE.read_text(encoding='utf-8')}</style>")


def link(label: str, address: str, title: str = "") -> str:
    """A link; the label alone where there is no address."""
    if not address:
        return dotted(label)
    told = f' title="{escape(title)}"' if title else ""
    return f'<a href="{escape(address)}" target="_self"{told}>{dotted(label)}</a>'


def here(label: str, address: str, title: str = "") -> str:
    """A link that changes what this page shows, without loading it again."""
    told = f' title="{escape(title)}"' if title else ""
    return f'<a class="here" href="{escape(address)}" target="_self"{told}>{dotted(label)}</a>'


def dotted(name: str) -> str:
    """A name that a narrow column breaks after its dots, such as those of people.public.contractors."""
    return re.sub(r"(?<=\w[.])(?=[^\W\d])", "<wbr>", escape(name))


def prose(text: str) -> str:
    """A sentence: dates are not broken, and what stands between backticks is code."""
    whole = re.sub(r"\d{4}-\d\d-\d\d", r'<span class="whole">\g<0></span>', escape(text))
    return re.sub("`([^`]+)`", r"<code>\1</code>", whole)


def breakable(name: str) -> str:
    """A name that a narrow column breaks between its words, such as those of VoiceCommunicationRecording."""
    return re.sub("(?<=[a-z])(?=[A-Z])", "<wbr>", escape(name))


def plain(text: str) -> str:
    """A name for where Streamlit reads Markdown, such as a button: every character stands for itself. What a colon
    begins is looked for after that, so it is kept apart from what follows."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", " ".join(text.split())).replace(":", ":\u2060")


def number(value: int) -> str:
    return spaced(value)


def head(over: str, title: str, chips: Iterable[tuple[str, str]] = (), says: str = "") -> None:
    """The head of a page: what kind of view, its title, what that is about, and what it was asked with. Its tab is
    called by its title."""
    st.set_page_config(page_title=f"{title} · annotation-lineage")
    told = "".join(f'<span class="chip"><b>{escape(name)}</b>{escape(value)}</span>' for name, value in chips)
    html(
        f'<div class="over">{escape(over)}</div><h1>{escape(title)}</h1>'
        + (f"<p>{escape(says)}</p>" if says else "")
        + (f'<div class="chips">{told}</div>' if told else "")
    )


def answered(checkpoint: Mapping[str, Any]) -> str:
    """What an answer, or a page, rests on."""
    return f"from {number(checkpoint['events'])} events ({checkpoint['digest'][:19]}…)"


def empty(title: str, says: str) -> None:
    html(f'<div class="empty"><b>{escape(title)}</b>{escape(says)}</div>')


def problem(error: LineageError) -> None:
    told, hint = (OPTION.sub(_field, text) for text in (error.sentence, error.hint))
    before, names, after = hint.partition(", ".join(error.near)) if error.near else (hint, "", "")
    near = ", ".join(_instead(error.given, name) for name in error.near) if names else ""
    html(f'<div class="problem" role="alert"><b>{prose(told)}</b><br>{prose(before)}{near}{prose(after)}</div>')


def _instead(given: str, name: str) -> str:
    """What may have been meant: a click away where this view's address has what was written."""
    address = instead(given, name)
    return link(name, address) if address else escape(name)


def _field(option: re.Match[str]) -> str:
    """What a form calls what the program calls an option, where a question has it."""
    return option[1].replace("-", " ").capitalize() if option[1] in FIELDS else option[0]


def mark(grade: str) -> str:
    """A grade as shape, colour and word."""
    return f'<span class="mark-{escape(grade)}" aria-hidden="true">{GRADE_MARK.get(grade, "")}</span> {escape(grade)}'


def figures(summary: Mapping[str, Any], leads: Leads) -> str:
    """The big numbers: at least, at most, whether that is a bound, and how surely. ``leads`` gives the address of the
    list that a number counts."""
    people = summary["data_subjects"]
    low, high = people["at_least"], people["at_most"]
    body = (
        f'<div class="figures"><div class="figure"><span>at least</span><b>{number(low)}</b></div>'
        f'<div class="figure"><span>at most</span><b>{number(high)}</b></div>'
        f'<div class="figure"><span>{"person" if high == 1 else "people"}</span></div></div>'
    )
    if people["bounded"]:
        body += '<div class="bound closed">A bound: everything that this leans on was observed.</div>'
    else:
        opened = people.get("unbounded_because", {})
        why = "; ".join(f"{number(count)} {lacking(state, count)}" for state, count in opened.items())
        body += (
            '<div class="bound open"><b>Not a bound:</b> there may be more. Not everything could be seen: '
            f"{escape(why)}.</div>"
        )
    if high:
        body += '<div class="stack" role="img" aria-label="' + ", ".join(f"{people[g]} {g}" for g in GRADES) + '">'
        body += "".join(
            f'<i class="bg-{grade}" style="width:{100 * people[grade] / high:.2f}%"></i>'
            for grade in GRADES
            if people[grade]
        )
        body += "</div>"
    body += "<table>"
    body += "".join(
        f'<tr><td class="name">{mark(grade)}</td><td class="n"><b>{counted(people[grade], leads(f_grade=grade))}</b>'
        f'</td><td class="means">{MEANINGS[grade]}</td></tr>'
        for grade in GRADES
    )
    altered, records = summary["altered"], summary["records"]
    body += f'</table><p class="small quiet next">Records: {_span(records, leads(list="records"))}.</p>'
    if many := altered["at_most"]:
        told = f"{_span(altered, leads(list='altered'))} {'person' if many == 1 else 'people'}"
        body += f'<p class="small"><b>Altered: {told}</b>, <span class="quiet">{APART}.</span></p>'
    return body


def counted(count: int, address: str, told: str = "") -> str:
    """A number, and the way to what it counts; without one where there is nothing."""
    told = told or number(count)
    return here(told, address) if count and address else told


def span(bounds: Mapping[str, int]) -> str:
    """``3 to 7``, or the one number where both are the same."""
    low, high = bounds["at_least"], bounds["at_most"]
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def _span(bounds: Mapping[str, int], address: str) -> str:
    return counted(bounds["at_most"], address, span(bounds))


def reasons(because: Mapping[str, int], leads: Leads) -> str:
    """Why the possible ones are not better known, the one that would help most first."""
    most = max(because.values())
    rows = "".join(
        f'<tr><td>{escape(REASONS.get(reason, reason))}</td><td class="bar"><div class="range">'
        f'<i class="bg-possible" style="width:{100 * count / most:.1f}%"></i></div></td>'
        f'<td class="n">{counted(count, leads(of=f"because:{reason}"))}</td></tr>'
        for reason, count in because.items()
    )
    most_help = next((HELPS[reason] for reason in because if reason in HELPS), "")
    more = f'<p class="small quiet next">What would help most: {escape(most_help)}.</p>' if most_help else ""
    return f"<table>{rows}</table>{more}"


def ranges(
    what: str, kind: str, found: Mapping[str, Mapping[str, int] | None], leads: Leads, *,
    reads: Callable[[str], str] | None = None, untold: str = "",
) -> str:  # fmt: skip
    """At least and at most by name, as bars that end where the numbers say; ``untold`` stands for bounds that nobody
    can tell. ``reads`` makes HTML of a name; ``leads`` gives the address of the people of one of a ``kind``."""
    most = max((bounds["at_most"] for bounds in found.values() if bounds), default=1) or 1
    name_of = reads or breakable
    rows = ""
    for name, bounds in found.items():
        rows += f"<tr><td>{name_of(name)}</td>"
        if bounds is None:
            rows += f'<td class="n quiet small" colspan="3">{escape(untold)}</td></tr>'
            continue
        sure, upper = bounds["at_least"], bounds["at_most"]
        rows += (
            f'<td class="bar"><div class="range"><i style="width:{100 * upper / most:.1f}%"></i>'
            f'<i class="bg-confirmed" style="width:{100 * sure / most:.1f}%"></i></div></td>'
            f'<td class="n">{number(sure)}</td>'
            f'<td class="n">{counted(upper, leads(of=f"{kind}:{name}"))}</td></tr>'
        )
    if not rows:
        return '<p class="quiet small">None.</p>'
    return (
        f'<table><tr><th scope="col">{escape(what)}</th><td></td>'
        '<th class="n" scope="col"><i class="swatch bg-confirmed"></i>at least</th>'
        f'<th class="n" scope="col"><i class="swatch is-upper"></i>at most</th></tr>{rows}</table>'
    )


def by_most(found: Mapping[str, Mapping[str, int]]) -> dict[str, Mapping[str, int]]:
    """The most first."""
    return dict(sorted(found.items(), key=lambda item: (-item[1]["at_most"], item[0])))


def unseen(
    coverage: Sequence[Mapping[str, Any]],
    caveats: Sequence[Mapping[str, Any]],
    address: Address,
    *,
    folded: bool = True,
) -> str:
    """What could not be seen, and the caveats: on the same screen as the numbers that they limit.

    ``folded``, for a screen: what kind of gap it is stands in a box, and of many things some are a click away.
    """
    alike: dict[tuple[str, str], list[tuple[str, str, str]]] = {}
    for row in coverage:
        if row["state"] == "observed":
            continue
        if "dataset" in row:
            name = row["dataset"]["name"]
            what = (name, "dataset", f"{row['dataset']['namespace']}/{name}")
        else:
            what = (row["environment"], "environment", row["environment"])
        silences = row.get("silent", ())
        gaps = "; ".join(silence(low, high) for low, high in silences[:MOST_SILENCES])
        if len(silences) > MOST_SILENCES:
            gaps += f"; and {number(len(silences) - MOST_SILENCES)} more"
        says = STATES[row["state"]] + (f" ({gaps})" if gaps else "")
        alike.setdefault((row["state"], says), []).append(what)
    items = [
        f"<li>{_gap(state, says, folded=folded)}: {several(found, address, folded=folded)}</li>"
        for (state, says), found in alike.items()
    ]
    seen = sum(row["state"] == "observed" for row in coverage)
    body = f'<ul class="plain">{"".join(items)}</ul>' if items else '<p class="small">Nothing that this leans on.</p>'
    body += (
        f'<p class="small quiet">{seen} of {len(coverage)} datasets and environments were observed all the time.</p>'
    )
    if caveats:
        body += '<h2 style="margin-top:.8rem">Caveats</h2><ul class="plain">'
        body += "".join(
            f"<li><b>{number(row['count'])} &times; {escape(row['kind'].replace('-', ' '))}</b><br>"
            f'<span class="quiet">{_hint(row["hint"], folded=folded)}</span></li>'
            for row in caveats
        )
        body += "</ul>"
    return body


def _hint(text: str, *, folded: bool) -> str:
    """What would mend it; on a screen, what the command says is a page away."""
    return prose(text).replace(STATUS, link("Sources", to("sources"))) if folded else prose(text)


def _gap(state: str, says: str, *, folded: bool) -> str:
    """What kind of gap it is, in a box, and what that means; a word that stands in the box is not said again."""
    if not folded:
        return prose(says)
    kind = state.replace("-", " ")
    return f'<span class="state">{kind}</span>{prose(says.removeprefix(f"{kind} "))}'


def cut(found: Sequence[Mapping[str, Any]]) -> str:
    """What neighbours are known beyond those that are shown."""
    told = "; ".join(
        f"{number(row['more'])} more {row['kind'].replace('-', ' ')}s ({row['thing']['label']}, {row['relation']})"
        for row in found
    )
    return f'<p class="small quiet">Not shown, the later ones: {escape(told)}. A window shows others.</p>'


def several(found: Sequence[tuple[str, str, str]], address: Address, *, folded: bool = True) -> str:
    """Things (name, kind, id) that the same is said of, as links. Many of them are a click away, and plain text there:
    a thousand links take a browser longer than all else on a page."""
    if not folded or len(found) <= NAMED + 1:
        return ", ".join(link(name, address(kind, ident)) for name, kind, ident in found)
    named, rest = found[:NAMED], found[NAMED:]
    untold = f" and {number(len(rest) - FOLDED)} more" if len(rest) > FOLDED else ""
    return (
        f"{', '.join(link(name, address(kind, ident)) for name, kind, ident in named)} "
        f"<details><summary>and {number(len(rest))} more</summary>"
        f"{escape(', '.join(name for name, *_ in rest[:FOLDED]))}{untold}</details>"
    )


def card(title: str, body: str, *, scroll: str = "") -> str:
    """``scroll``: the class of how high it may be, if it is not as high as what is in it."""
    inner = (
        f'<div class="{scroll}" tabindex="0" role="region" aria-label="{escape(title)}">{body}</div>'
        if scroll
        else body
    )
    return f'<div class="card"><h2>{escape(title)}</h2>{inner}</div>'


def grid(*cards: str) -> None:
    """Cards in rows of equal height."""
    html(f'<div class="grid">{"".join(cards)}</div>')
