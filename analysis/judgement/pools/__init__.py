"""Places put together: one posterior for the mean, the spread and each place."""
