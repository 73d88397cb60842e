"""Short clips of moving pictures: data, networks, files."""
