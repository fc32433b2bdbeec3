"""Words that all share: regions and other places, ethnic groups, levels of outcomes, YAML read
strictly."""
