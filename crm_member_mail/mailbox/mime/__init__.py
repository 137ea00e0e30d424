"""Bytes to ParsedMessage and back, whatever state an email is in."""
