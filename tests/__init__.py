"""Tests, as a package, since some library installs one of this name and ours has to come first."""
