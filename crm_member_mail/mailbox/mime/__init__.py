"""Bytes to ParsedMessage, and back: what is in an email, whatever state it is in."""
