"""Audits of quality: coded cases of investigators who were trained, beside those who wait."""
