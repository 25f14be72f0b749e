"""The same job on other libraries, each in an environment of its own: `make bench-peers`."""
