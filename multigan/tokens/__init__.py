"""Bare token numbers: SeqGAN's synthetic experiment, whose data an oracle writes."""
