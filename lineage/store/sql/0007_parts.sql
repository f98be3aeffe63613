-- Of which tables a statement makes this one a part (a partition, or one that inherits), and out of which it takes it,
-- by their numbers. A statement that may say so, or that an earlier program passed over or understood otherwise, is
-- understood anew when it is told again: its digest is forgotten.

ALTER TABLE template_table ADD COLUMN part_of BIGINT[];
ALTER TABLE template_table ADD COLUMN parted_from BIGINT[];
UPDATE template SET digest = template_id WHERE NOT parsed OR regexp_matches(
    shape,
    '(?i)^(alter|begin|commit|create|end|fetch|merge|move|set|start|truncate|use|vacuum)\b|\b(inherits?|partition|stream|summarize)\b|;|\['
) OR lower(dialect) IN ('clickhouse', 'mysql', 'oracle') AND regexp_matches(shape, '(?i)\b(in|into)\b');
DELETE FROM meta WHERE key = 'settled';
