"""What was paid for nothing, and what became of it."""
