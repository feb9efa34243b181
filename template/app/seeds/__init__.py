"""Sample data. Every module in this package has `ORDER` and `async def seed(components)`: a new file is found by itself."""
