"""Batches: planning, kernels, workers, publishing, the ledger."""
