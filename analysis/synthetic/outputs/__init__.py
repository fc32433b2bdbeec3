"""Made-up outputs of actions: who stands in a register, who came, which events were held."""
