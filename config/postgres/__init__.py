"""PostgreSQL that Clipledger brings along: `base` is the Django engine, `embedded` the server's life."""
