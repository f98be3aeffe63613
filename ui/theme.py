"""Colours, type and server options: one accent, Okabe-Ito for what must be told apart, shapes beside colours."""

GRADES = ("confirmed", "probable", "possible")
GRADE_MARK = {"confirmed": "●", "probable": "◆", "possible": "○"}
_SHARED: dict[str, object] = {
    "baseFontSize": 14,
    "baseRadius": "4px",
    "buttonRadius": "4px",
    "headingFontSizes": ["1.5rem", "1.2rem", "1.02rem", "0.95rem", "0.9rem", "0.85rem"],
    "headingFontWeights": [650, 650, 650, 650, 650, 650],
    "showWidgetBorder": True,
}
_LIGHT = {
    "primaryColor": "#0B5C92",
    "backgroundColor": "#FFFFFF",
    "secondaryBackgroundColor": "#F4F6F8",
    "textColor": "#16202A",
    "linkColor": "#0B5C92",
    "borderColor": "#D9DFE5",
    "dataframeBorderColor": "#E3E8ED",
    "dataframeHeaderBackgroundColor": "#F4F6F8",
}
_DARK = {
    "primaryColor": "#3B94CF",
    "backgroundColor": "#10161C",
    "secondaryBackgroundColor": "#18212A",
    "textColor": "#E6EBF0",
    "linkColor": "#7CC0EE",
    "borderColor": "#2B3743",
    "dataframeBorderColor": "#2B3743",
    "dataframeHeaderBackgroundColor": "#18212A",
}
OPTIONS: dict[str, object] = {
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "runner.magicEnabled": False,  # pages say what they draw
    "runner.postScriptGC": False,  # a whole collection after each script keeps what it drew from being sent
    "server.baseUrlPath": "",  # what the server guards begins at the root
    "server.enableAgentApi": False,
    "server.enableStaticServing": False,
    "server.enableXsrfProtection": True,  # it goes with a cookie that signs somebody in
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.trustedUserHeaders": "{}",  # a header makes nobody an investigator
    **{f"theme.{name}": value for name, value in _SHARED.items()},
    **{f"theme.light.{name}": value for name, value in _LIGHT.items()},
    **{f"theme.dark.{name}": value for name, value in _DARK.items()},
}


def apply() -> None:
    """Make these Streamlit's options, over its defaults and its files. Call it before the app is made.

    An app that is served by uvicorn reads neither flags nor the environment, so they are given here.
    """
    from streamlit import config

    config.get_config_options(force_reparse=True, options_from_flags=dict(OPTIONS))
