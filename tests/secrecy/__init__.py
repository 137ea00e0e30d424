"""What the test for leaks needs: the forms that a secret may take, and a server that repeats secrets."""
