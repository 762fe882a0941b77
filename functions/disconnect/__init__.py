"""Runs after a socket has closed, most of the time: API Gateway does not promise it."""
