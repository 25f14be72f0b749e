"""The demo: an agency's year as a rehearsed scenario, its pictures and tables, and a cast with accounts to log in."""
