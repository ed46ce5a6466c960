"""How fast Touchstone is, and how much memory it takes: `make bench` measures, docs/performance.md shows."""
