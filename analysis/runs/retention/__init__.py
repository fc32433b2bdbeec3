"""What is kept of data, until when by which agreement, and its deletion."""
