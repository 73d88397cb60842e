"""Translation: pictures from pictures, such as faces from line drawings."""
