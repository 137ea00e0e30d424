"""What charsets are called, how they are read, and how one is recognised that nobody names."""
