"""Generators and discriminators, and their layers."""
