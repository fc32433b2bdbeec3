"""Recording of ethnicity: who declared, where sources disagree, and what the unrecorded could do to
other monitors."""
