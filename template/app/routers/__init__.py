"""Endpoints. The `router` of every module of this package is served, so new files are found."""
