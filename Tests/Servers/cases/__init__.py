"""What must be the same whatever web server is in front."""

from cases import paths, methods, fields, bodies, statuses, refusals, http2, identity, client, kills, load  # noqa: F401, I001  in the table's order
from site_under_test import CASES, SLOW_CASES

__all__ = ["CASES", "SLOW_CASES"]
