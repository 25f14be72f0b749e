"""The way of a command to its case's workflow, and writes that are done once."""
