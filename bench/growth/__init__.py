"""What grows with the number of cases, and what stays as it is."""
