"""Benchmarks: what each measures, and how to read it, is told in `bench/README.md`."""
