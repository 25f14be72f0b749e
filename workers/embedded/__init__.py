"""The embedded servers: PostgreSQL and Temporal, started and watched by us, on 127.0.0.1 only."""
