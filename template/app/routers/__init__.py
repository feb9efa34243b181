"""Endpoints. Every module in this package is imported and its `router` served: a new file is found by itself."""
