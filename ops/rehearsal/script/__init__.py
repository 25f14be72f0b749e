"""What a scenario's file says: read, checked, not yet played."""
