"""Models of Amazon Bedrock, asked by the worker's role: ConverseStream, and no key."""
