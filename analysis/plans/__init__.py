"""What is asked: plans as types, read from YAML, held against what their data and kind offer."""
