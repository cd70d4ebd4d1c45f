"""What programs ask: JSON in, JSON out, with a personal token; `answers` has the one shape of its errors."""
