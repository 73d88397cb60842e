"""The embedded data: what the package draws where no folder is given."""
