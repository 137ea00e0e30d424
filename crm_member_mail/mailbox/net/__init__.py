"""Connections to servers, checked and encrypted, and the words of signing in."""
