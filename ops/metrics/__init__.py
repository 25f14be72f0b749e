"""Metrics for Prometheus: what a process counted, and what the store says when it is asked."""
