"""Reports: forms filled in, left, come back to and sent."""
