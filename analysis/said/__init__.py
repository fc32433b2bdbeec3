"""Numbers in sentences: none enters that was not cleared."""
