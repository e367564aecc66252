"""Ruled lines: found, followed and taken out of the ink."""
