"""Measures framestream: each module is one command, and its results lie beside it."""
