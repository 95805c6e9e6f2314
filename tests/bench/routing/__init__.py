"""Routing quality: `make bench ARGS=routing` prints the table and the rows. docs/routing.md says what it can prove."""
