"""The made-up progression schemes."""
