"""Everything that touches the world: settings, command line, web pages."""
