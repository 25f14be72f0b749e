"""Scores: prices, the differences that are booked, points."""
