"""Blind tests by people: which of two is better, and which emotion is this?"""
