"""What answers cost, and how much of it a user may use."""
