"""Attacks on what is published: leaks planted in a real run, and rules taken away one by one."""
