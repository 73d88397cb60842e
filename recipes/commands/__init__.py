"""The subcommands of ``multigan``. Nothing heavy is imported before one needs it."""
