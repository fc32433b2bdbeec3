"""Programmes in prisons that start in steps: culture, governance of force, support, services."""
