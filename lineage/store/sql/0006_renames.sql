-- Which tables a statement gives this name, by their numbers. Of what was understood before it is not told.

ALTER TABLE template_table ADD COLUMN renames BIGINT[];
DELETE FROM meta WHERE key = 'settled';
