-- Which tables a statement gives this name, by their numbers. A statement that may say so, and was understood before, is
-- understood anew when it is told again: its digest is forgotten.

ALTER TABLE template_table ADD COLUMN renames BIGINT[];
UPDATE template SET digest = template_id WHERE NOT parsed OR regexp_matches(shape, '(?i)\b(rename|swap|transfer)\b');
DELETE FROM meta WHERE key = 'settled';
