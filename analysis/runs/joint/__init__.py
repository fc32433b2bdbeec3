"""The joint step of a study: nothing small comes out of all places together."""
