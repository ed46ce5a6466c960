"""What is told: forms, and the cases they become. Knows nothing of what people ask."""
