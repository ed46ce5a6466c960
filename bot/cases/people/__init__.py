"""People: the directory, its roles, and whom a typed name means."""
