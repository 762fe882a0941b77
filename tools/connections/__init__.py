"""Open sockets: what an operator sees of a user, and ending them all at once."""
