"""Bandwidth extension: sounds at 16 kHz from what is left of them at 8 or 4."""
