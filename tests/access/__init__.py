"""Tests of who acts, and who may see what."""
