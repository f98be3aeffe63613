-- A replay that looks at no other table is over many datasets at once from now on. The texts that are here already
-- are over one each, as those of joins are.
UPDATE template_table SET joined = true WHERE replay IS NOT NULL;
