"""Accredited programmes: people found suitable, and their offences afterwards."""
