"""The checks, by what they look at; each is a coroutine that returns what it saw, or raises why it failed."""
