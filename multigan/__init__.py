"""multigan: generate emotive content with GANs, and measure how good any generated content is."""

__version__ = "0.1.0"
