"""Recipes side by side: several of them at equal processor time on the same data, and one page of what came out."""
