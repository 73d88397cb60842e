"""Pretrained networks that discriminators and the evaluation look through: where weights lie, and how networks are built."""
