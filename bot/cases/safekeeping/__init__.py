"""Safekeeping: chains verified, backups, restores, and what is deleted for good."""
