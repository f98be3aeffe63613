"""Package versions: what a stated package, range or advisory calls affected."""

from lineage.versions.advisories import Advisory, read_advisory
from lineage.versions.order import compare
from lineage.versions.packages import PackageRange, parse_package, read_purl

__all__ = ["Advisory", "PackageRange", "compare", "parse_package", "read_advisory", "read_purl"]
