"""The public views: each reads the input, makes one domain call and shows the answer."""
