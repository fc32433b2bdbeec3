"""What a monitor shows: tables, charts and words of its notebook and page."""
