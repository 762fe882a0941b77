"""Builds and serves the demo page."""
