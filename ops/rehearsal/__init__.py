"""Rehearsals: scenarios with a clock, played on the real engine (`docs/scenarios.md`)."""
