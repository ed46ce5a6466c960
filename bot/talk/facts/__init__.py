"""Facts: what a message says of the things on which a verdict turns."""
