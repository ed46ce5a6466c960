"""Receiving: who may see and do what, and what was sent to whom."""
