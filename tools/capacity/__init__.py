"""What a deployment and an account can carry, and what a load wants of them."""
