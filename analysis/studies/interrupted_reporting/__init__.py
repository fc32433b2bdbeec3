"""Reports of discrimination as a series that a date interrupts, beside what people experienced."""
