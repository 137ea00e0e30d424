"""The HTML of emails, made safe and readable."""
