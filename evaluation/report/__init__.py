"""A report as JSON, as tables on a terminal, and as one page."""
