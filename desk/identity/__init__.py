"""Who is it? Identity providers, keys of systems, and browsers' sessions all end in one `Caller`."""
