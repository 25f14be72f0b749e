"""The parts of the OpenAPI document that FastAPI can't derive from the routes."""
