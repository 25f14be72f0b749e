"""What does a year look like? An agency's, played on the product's own rehearsal."""
