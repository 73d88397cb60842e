"""Super-resolution: pictures from pictures that are half or a quarter as large."""
