"""Metrics of samples, whoever made them."""
