"""Pure functions on features or samples, and their estimates with intervals."""
