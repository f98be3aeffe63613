-- Digests of the names that a text mentions which is not understood and names no table for sure: the first 60 bits of
-- SHA-256 of each, in lower case.

ALTER TABLE template ADD COLUMN mentions BIGINT[];
