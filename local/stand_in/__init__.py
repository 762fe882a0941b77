"""A small OpenAI-compatible server that answers where no real model is configured."""
