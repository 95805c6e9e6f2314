"""Two archives: the data without its keys, and the keys. What is in them, how they are written, read and checked."""
