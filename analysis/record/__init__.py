"""Records of a place and of the nation: typed rows, and the only place with dicts."""
