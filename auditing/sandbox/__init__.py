"""A stand-in for both providers over HTTP on loopback; it shares no code with the rest of Clipledger."""
