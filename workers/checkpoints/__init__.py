"""Signed checkpoints: what every chain and key was a minute ago, said where the database's owner can't change it."""
