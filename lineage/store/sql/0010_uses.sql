-- What was derived of accesses lies in other tables now. Those of an earlier program are dropped, since one of them is a
-- view by its name.

DROP VIEW IF EXISTS use;
DROP VIEW IF EXISTS act;
DROP TABLE IF EXISTS use_of_principal;
DROP TABLE IF EXISTS use_of_dataset;
DELETE FROM meta WHERE key = 'settled';
