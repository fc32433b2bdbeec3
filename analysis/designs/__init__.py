"""Designs as pure functions: a frame and column names in, one `Estimate` or a reason out."""
