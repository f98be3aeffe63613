"""Package versions: what a stated package, range or advisory calls affected."""

from lineage.versions.advisories import Advisory, read_advisory
from lineage.versions.packages import parse_package

__all__ = ["Advisory", "parse_package", "read_advisory"]
