"""How long data may be kept: agreements with a date, and what was deleted under them."""
