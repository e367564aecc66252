"""Photo in, digits and rejects out."""
