"""What is made with torch, rarely and by hand: the shipped encoder's graph, and its adapter."""
