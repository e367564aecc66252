"""Which labels, rows of labels and crops are wrong, and which digits are in the table twice."""
