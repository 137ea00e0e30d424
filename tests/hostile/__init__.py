"""Our hostile emails, a server that counts the requests they cause, and the page that shows them."""
