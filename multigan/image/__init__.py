"""Images: data, networks, augmentation and previews."""
