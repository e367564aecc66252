"""What a run says to people: one page, a data card, a model card, and the table's description for machines."""
