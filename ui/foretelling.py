"""The page that Streamlit begins with, told at once what it will need.

Until an element is there its place pulsates; where no graphics card draws, sixty of those frames take most of a second
of a processor that the page waits for, so here the places stand still. (To name the modules of its elements in the head
as well makes every page slower: they come before what is needed first.)
"""

from pathlib import Path

from streamlit.file_util import get_static_dir

from ui import link

STILL = '<style>[data-testid$="Skeleton"], [data-testid$="Skeleton"] * { animation: none !important; }</style>'


def pages() -> dict[str, str]:
    """The HTML of each page, by its path."""
    index = (Path(get_static_dir()) / "index.html").read_text(encoding="utf-8")
    return dict.fromkeys((f"/{link.path(page)}" for page in link.PAGES), index.replace("</head>", f"{STILL}</head>"))
