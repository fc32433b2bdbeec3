"""What an attacker who knows everything published can tell about a small cell, and what to do."""
