"""A modality in a package of its own: what `multigan new modality NAME` begins with."""
