"""Token numbers that stand for no word."""

END = 0
"""The token that ends a sequence and fills what is left of its row (the padding), where sequences have an end."""
