"""Made-up courts, cases and pre-sentence reports."""
