"""Connections to servers, checked and encrypted, and signing in with a token."""
