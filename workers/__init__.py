"""Who runs it?

Settings, the embedded servers, the worker and its sweep.
"""
