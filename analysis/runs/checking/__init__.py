"""What `check-output` looks at, and what the runner works out again outside any kernel."""
