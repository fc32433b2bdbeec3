"""What a reader takes away from a page: its tables as a spreadsheet."""
