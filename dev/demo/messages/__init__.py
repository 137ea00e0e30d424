"""The letters of the demo mailbox, by theme; each module has a function ``write(writer)``."""
