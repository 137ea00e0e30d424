"""HTML of mail, made safe and readable."""
