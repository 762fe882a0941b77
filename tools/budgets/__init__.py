"""Overrides of budgets, and what users have used of them."""
