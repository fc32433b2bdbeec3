"""How strong something unrecorded would have to be: bounds of pairs, and of coefficients."""
