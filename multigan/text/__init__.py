"""Text: sequences of tokens."""
