"""One writer, transactions, locks, threads: how work is done side by side. No records of its own."""
