"""The stack's dashboard as a page, with the metrics of the system on this machine."""
