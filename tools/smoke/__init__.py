"""What a deployment must show before users come: small checks, each with a sentence for what it found."""
