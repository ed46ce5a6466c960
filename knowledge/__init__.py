"""What the policies say: documents read into clauses that can be cited word for word."""
