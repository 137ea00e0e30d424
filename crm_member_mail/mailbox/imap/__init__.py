"""One logged-in IMAP session and what it can do."""
