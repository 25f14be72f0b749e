"""The process that decodes a file: a program of its own, which a hostile file may end, and which may do nothing else.

It is started by `desk/evidence/clean.py`; nothing that serves imports the libraries that it uses.
"""
