"""The deployment's settings: what each may hold, and how they must fit together."""
