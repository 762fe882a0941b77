"""Verifies the JWTs of the product's users."""
