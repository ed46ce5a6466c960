"""Urgency: what cannot wait, and what is said to it."""
