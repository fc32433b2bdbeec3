"""What may be shown: rules on roles and parts, rounding, suppression, the guard of outputs."""
