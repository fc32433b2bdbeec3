"""Pages from cleared records and finished notebooks; it knows no kind of study."""
