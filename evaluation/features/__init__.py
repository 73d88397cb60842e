"""Samples -> features: read once, computed once, and kept on disk by content."""
