"""Draws the results as SVG into the documents."""
