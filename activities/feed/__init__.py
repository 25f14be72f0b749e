"""What the platform feeds: parties, profiles, streamed days."""
