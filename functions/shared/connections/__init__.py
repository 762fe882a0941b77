"""What is recorded of open sockets, and the tickets that open them."""
