"""Recipes: train, sample, evaluate and report, in one command."""
