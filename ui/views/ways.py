"""The people of a blast radius by the way to them: who share grade, path and dataset are one row with a count.

Many thousands of people come by some hundred ways; the graph is built, and things on it are counted, from these.
"""

from typing import Any

from lineage.exports.picture import MOST
from ui.asking import Held

HOME = "regexp_extract(path[len(path)], '^record .+ of (.+) belongs to ', 1)"  # the dataset of a path's last step
WAYS = f"""
SELECT grade, min(first) AS first, count(*) AS count, min(id) AS id, arg_min(path, id) AS path,
       arg_min(evidence, id) AS evidence
FROM listed GROUP BY grade, path[:len(path) - 1], {HOME} ORDER BY id
"""
# The same with those members told one by one who may be drawn one by one: beyond MOST of a group nobody is.
MEMBERS = f"""
SELECT grade, min(first) AS first, count(*) AS count, min(id) AS id, arg_min(path, id) AS path
FROM (SELECT *, {HOME} AS home, row_number() OVER (PARTITION BY grade, {HOME} ORDER BY id) AS no FROM listed)
GROUP BY grade, path[:len(path) - 1], home, CASE WHEN no <= {MOST} AND (
    list_contains($opened, '*') OR list_bool_or(list_transform(
        $opened::VARCHAR[], lambda name: starts_with(name, 'people:' || grade || ':') AND ends_with(name, '/' || home)
    ))) THEN id END
ORDER BY id
"""


def ways(held: Held) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = held.made("ways", lambda: held.over("data_subjects", WAYS))
    return found


def members(held: Held, opened: list[str]) -> list[dict[str, Any]]:
    """The ways, and one by one the people of the groups that are opened."""
    if not any(name == "*" or name.startswith("people:") for name in opened):
        return ways(held)
    return held.over("data_subjects", MEMBERS, opened=opened)
