"""Classes, claims and sentences, from results alone."""
