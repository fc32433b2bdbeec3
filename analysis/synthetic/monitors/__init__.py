"""Made-up quarters of supervision, prisons, courts and the workforce."""
