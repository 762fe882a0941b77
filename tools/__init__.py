"""What an operator needs besides the console."""
