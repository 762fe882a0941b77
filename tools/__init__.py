"""Commands for operators, and for the documents."""
