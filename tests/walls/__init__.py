"""Wall two: what the database itself shows, to the roles that Clipledger really signs in as."""
