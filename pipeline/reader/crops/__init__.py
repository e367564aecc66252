"""Layout `crops`: ready cut images of one digit each."""
