"""Reads the trail of people, for its page, its exports and the pages of records."""

from auditing.trail_reading.choices import choices_of
from auditing.trail_reading.criteria import DONE, FIELDS
from auditing.trail_reading.query import TrailFilter, TrailPage
from auditing.trail_reading.viewers import Viewer, viewers_of

__all__ = ["DONE", "FIELDS", "TrailFilter", "TrailPage", "Viewer", "choices_of", "viewers_of"]
