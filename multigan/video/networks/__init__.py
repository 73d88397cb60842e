"""The networks of clips."""
