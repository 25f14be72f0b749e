"""The OpenAPI document: what FastAPI does not know by itself."""
