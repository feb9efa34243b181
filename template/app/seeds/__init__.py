"""Sample data. Every module here has `ORDER` and `async def seed(components)`: a new file is found by itself."""
