"""All that is known of one place, and of all studies: from cleared records of one round."""
