"""One file for each page; `ui.app` lists them."""
