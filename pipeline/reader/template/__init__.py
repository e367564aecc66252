"""Layout `template`: our printed sheet."""
