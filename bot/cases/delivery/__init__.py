"""Delivery: what is owed to whom, and what is to happen when."""
