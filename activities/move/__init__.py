"""A move of a case: one command, one transaction."""
