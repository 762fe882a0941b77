"""The HTTP API: take a prompt, read an answer, cancel one."""
