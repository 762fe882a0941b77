"""One generation's story: what the table and the logs of all functions say about it, in order of time."""
