"""Collectors: one file each. To add one, write its file and name it here; more specific shapes come first."""

from lineage.collectors import (
    access,
    catalog_file,
    cyclonedx,
    data_subjects,
    openlineage,
    osv,
    pgaudit,
    pip_inspect,
    records,
)
from lineage.collectors.interface import Collector

COLLECTORS: tuple[Collector, ...] = (
    openlineage.COLLECTOR,
    pgaudit.COLLECTOR,
    access.COLLECTOR,
    records.COLLECTOR,
    data_subjects.COLLECTOR,
    cyclonedx.COLLECTOR,
    pip_inspect.COLLECTOR,
    osv.COLLECTOR,
    catalog_file.COLLECTOR,
)
