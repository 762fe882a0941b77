"""What more than one function needs."""
