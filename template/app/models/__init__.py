"""Tables. Every module in this package is imported when the metadata is needed: a new file is found by itself."""
