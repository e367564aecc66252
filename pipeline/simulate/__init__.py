"""Drawn writers and a simulated camera: sheets with known truth."""
