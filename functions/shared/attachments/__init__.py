"""Images and files that prompts name: described in the table, kept in a bucket."""
