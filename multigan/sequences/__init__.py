"""Rows of token numbers, of texts or bare: networks that make and judge them, decoding, and how rows are shown."""
