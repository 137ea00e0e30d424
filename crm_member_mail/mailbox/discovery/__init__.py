"""Finding the servers of an address."""
