"""Turns: how a message goes on from the one before."""
