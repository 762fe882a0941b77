"""What is recorded of a generation, and how it may change."""
