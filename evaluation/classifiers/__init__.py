"""Small classifiers trained on real labelled samples: they read the label of a sample, and give features."""
