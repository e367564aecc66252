"""Layout `rows`: written rows of digits on plain or lined paper."""
