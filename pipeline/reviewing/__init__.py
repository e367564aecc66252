"""The review page: people look at suspects and rejects, and their verdicts become lines of raw/corrections.csv."""
