"""Keys: what seals, what wraps, and how a master key is changed."""
