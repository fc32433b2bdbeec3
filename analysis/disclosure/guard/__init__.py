"""What may leave: reads all that is to be published, and names what may not."""
