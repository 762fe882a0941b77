"""A model server of its own process whose tokens come on a known schedule and say when they were sent."""
