"""The dashboard: what it shows, as tables, and the construct that is made from them."""
