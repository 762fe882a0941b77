"""What tests of all prices share: builders with a valid default, and stand-ins."""
