"""How samples are shown in the page: markup, and what is embedded in it."""
