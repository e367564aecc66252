"""Tasks on a Ray cluster: joining it, sending tasks, and what its machines must share."""
