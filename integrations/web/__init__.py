"""The web chat: requests become Incoming, replies become HTML."""
