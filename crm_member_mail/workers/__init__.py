"""Threads, processes, one writer, transactions and locks: how work is done concurrently."""
