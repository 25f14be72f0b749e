"""Authentication: identity providers' tokens, systems' keys and browsers' sessions all give a `Caller`."""
