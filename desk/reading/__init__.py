"""Reads for the doors: cases, lists, subjects and notices, each as its reader may see it."""
