"""Hostile emails of ours, a server that counts who falls for them, and the page that shows them."""
