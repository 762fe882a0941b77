"""The wire contract for machines: JSON Schema, AsyncAPI and OpenAPI, made from the code's own types."""
