"""What can be asked? Each module holds the resources of one noun; `rules.py` says who may ask for them."""
