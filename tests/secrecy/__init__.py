"""What the test of leaks needs: the forms that a secret may take, and a server that repeats secrets."""
