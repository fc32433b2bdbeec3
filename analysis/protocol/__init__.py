"""What a study could show, before outcomes are seen: what steering groups sign."""
