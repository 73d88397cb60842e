"""Samples that others made: which files a folder holds, and what is in them."""
