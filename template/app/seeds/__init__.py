"""Sample data. Every module here has `ORDER` and `async def seed(components)`; new files are found."""
