"""What a monitor counts: its calendar, counts of records and of tables, recodes, holes."""
