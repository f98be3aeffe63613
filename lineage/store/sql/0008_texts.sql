-- The text of a statement of another dialect than PostgreSQL's may hold a value in a form that an earlier program did not
-- take out: it is dropped where it looks like one, and only its digest stays. What may be understood otherwise now is
-- understood anew when it is told again: its digest is forgotten.
-- A table of a statement tells which of its fields are changed (NULL: all, or not known), and whether ONLY its own rows
-- are meant wherever it is named.

ALTER TABLE template_table ADD COLUMN changed VARCHAR[];
ALTER TABLE template_table ADD COLUMN alone BOOLEAN;
UPDATE template SET shape = ''
WHERE lower(dialect) NOT IN ('', 'postgres', 'postgresql', 'pgsql')
  AND regexp_matches(shape, '[0-9][A-Za-z_]|[#$]|//|:[0-9]|[bqrBQR][''"]|\*/');
UPDATE template SET shape = '' WHERE regexp_matches(shape, '(?i)\b(identified|password|secret)\b')
  AND template_id NOT IN (SELECT template_id FROM template_table);
UPDATE template SET digest = template_id
WHERE shape = '' OR regexp_matches(shape, '[.][0-9A-Za-z_]|-[0-9]|^(?i)(update|insert|merge|replace|alter|with)\b|(?i)\bonly\b');
DELETE FROM meta WHERE key = 'settled';
