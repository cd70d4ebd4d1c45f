"""Benchmarks: run by hand, they print figures as ratios within one run; nothing is asserted."""
