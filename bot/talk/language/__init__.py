"""Language: how patterns are written, and the message as they see it."""
