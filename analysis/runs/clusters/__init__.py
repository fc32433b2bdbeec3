"""Clusters of Dask: one of this machine, and which of others may be sent exact records."""
