"""The routes, one module for each noun; `desk/api/rules.py` says who may ask for them."""
