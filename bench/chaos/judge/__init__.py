"""Judges what lives under failures have left; imports nothing of the product, nor of the bench around it."""
