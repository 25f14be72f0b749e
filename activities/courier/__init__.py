"""What couriers deliver: restrictions to the platform, events to receivers of webhooks."""
