"""Brings up everything on sample data: what `manage.py demo` does, step by step."""
