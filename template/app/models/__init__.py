"""Tables. Every module of this package is imported when the metadata is needed, so new files are found."""
