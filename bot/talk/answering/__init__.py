"""Answering: from one question to one answer."""
