"""How a command reaches its case, and how a write is done once."""
