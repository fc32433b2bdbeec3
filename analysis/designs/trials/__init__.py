"""Sites drawn by lot: intention to treat, uptake, losses, time to an event."""
