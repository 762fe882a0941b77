"""A small model server that speaks OpenAI's and Bedrock's APIs, where no real model is configured."""
