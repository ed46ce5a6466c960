"""Feedback: what is said of answers, and what is kept of it."""
