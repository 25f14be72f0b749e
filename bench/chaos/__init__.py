"""Lives under load while everything around them fails; judged by what no part of the product says."""
