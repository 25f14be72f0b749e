"""How does a version of the rulebook take force? Its wave reaches one subject after the other, and can go back."""
