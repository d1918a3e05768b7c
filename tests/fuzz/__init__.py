"""Fuzz targets for all that reads bytes from strangers: `python -m tests.fuzz TARGET --seconds 600`."""
