"""Finding the right clause: vectors and full text over a snapshot of the library."""
