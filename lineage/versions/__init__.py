"""Package versions: what a stated package, range or advisory calls affected."""

from lineage.versions.advisories import Advisory, read_advisory
from lineage.versions.packages import Package, PackageRange, parse_package, read_purl

__all__ = ["Advisory", "Package", "PackageRange", "parse_package", "read_advisory", "read_purl"]
