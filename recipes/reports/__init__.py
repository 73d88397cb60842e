"""Reports of a run beyond what its samples alone tell."""
