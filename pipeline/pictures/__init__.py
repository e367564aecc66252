"""Pictures of what happened, for people."""
