"""The page that Streamlit begins with, told at once what it will need.

It has our style from the first, not from when the script of a page sends it: else everything moves when it comes.
Until an element is there its place pulsates; where no graphics card draws, sixty of those frames take most of a second
of a processor that the page waits for, so here the places stand still. (To name the modules of its elements in the head
as well makes every page slower: they come before what is needed first.)
"""

from pathlib import Path

from streamlit.file_util import get_static_dir

from ui import link
from ui.drawing import STYLE

STILL = '[data-testid$="Skeleton"], [data-testid$="Skeleton"] * { animation: none !important; }'


def pages() -> dict[str, str]:
    """The HTML of each page, by its path."""
    index = (Path(get_static_dir()) / "index.html").read_text(encoding="utf-8")
    html = index.replace("</body>", f"{first()}</body>")
    return dict.fromkeys((f"/{link.path(page)}" for page in link.PAGES), html)


def first() -> str:
    """At the end of the body: of rules that weigh the same the last holds, and Streamlit adds its own to the head."""
    return f"<style>{STILL}\n{STYLE.read_text(encoding='utf-8')}</style>"
