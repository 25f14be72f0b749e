"""Pictures as SVG: numbers in, text out. Widths are percent, so that words keep their size at every width of a page."""
