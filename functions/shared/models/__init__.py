"""The models of a deployment: a table with a row for each."""
