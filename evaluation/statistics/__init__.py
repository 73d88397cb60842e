"""Values with intervals, comparisons, moments and distances: what metrics are made of."""
