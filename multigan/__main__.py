"""``python -m multigan``: the ``multigan`` command, for torchrun among others."""

from recipes.cli import main

main(prog_name="multigan")
