"""Totals and histograms that PostgreSQL keeps exact: which there are, folding, proving and mending them.

How it works is said beside the SQL, in `migrations/_rollups.py`: each change of generations leaves deltas in
its own transaction; folding moves them into cells. Whoever reads adds up both, and is exact at every moment.
"""

from auditing.rollups.cuboids import (
    DURATION_CUBOIDS,
    NET_CUBOIDS,
    TIMING_CUBOIDS,
    TOTAL_CUBOIDS,
    Cuboid,
    Grain,
    smallest_with,
)
from auditing.rollups.folding import fold, fold_when_many
from auditing.rollups.histograms import Histogram
from auditing.rollups.verifying import Difference, Verified, mend, verify
from auditing.rollups.zone import OtherZone, check_zone, kept_zone, zone_checked

__all__ = [
    "DURATION_CUBOIDS",
    "NET_CUBOIDS",
    "TIMING_CUBOIDS",
    "TOTAL_CUBOIDS",
    "Cuboid",
    "Difference",
    "Grain",
    "Histogram",
    "OtherZone",
    "Verified",
    "check_zone",
    "fold",
    "fold_when_many",
    "kept_zone",
    "mend",
    "smallest_with",
    "verify",
    "zone_checked",
]
