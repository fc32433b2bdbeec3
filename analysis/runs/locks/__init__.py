"""Locks of plans on the command line, and whether every log is as it was written."""
