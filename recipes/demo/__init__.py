"""A page that samples in a browser: an exported generator, its dials, and the program that computes it, in one file."""
