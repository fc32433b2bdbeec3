"""Cleared tables as a spreadsheet that can be read by everybody."""
