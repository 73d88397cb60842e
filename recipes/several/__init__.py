"""What commands of several runs have in common: runs as processes, their folder, figures over seeds, and a page."""
