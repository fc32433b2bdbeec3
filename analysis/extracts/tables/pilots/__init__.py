"""Tables of pilots, by service: what each column means, and which values it takes."""
