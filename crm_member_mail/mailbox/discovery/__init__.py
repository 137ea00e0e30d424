"""Finds the servers for an email address."""
