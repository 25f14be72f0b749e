"""Rehearsals: stories with a clock, played on the real engine."""
