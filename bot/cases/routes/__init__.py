"""Routes: whom a case goes to, in which order, and when."""
