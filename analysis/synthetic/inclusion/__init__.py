"""Repeated staff surveys about inclusion at sites that start one after the other."""
