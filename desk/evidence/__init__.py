"""Files that people bring as evidence: what they are, what of them is kept, and how they are given out."""
