"""What a study could show, and at which looks: planned before outcomes are seen."""
