"""3-D shapes of voxels: a modality of multigan in a package of its own."""
