"""Batches of tax notices from the cities to the printing firm: sealed, resumable, checked, delivered exactly once."""
