-- An access that a database session's log told keeps where in its session it stood. What the session's other rows say
-- of it (a text given once, the error that ended it) is derived from there, whatever files and batches they came in.
-- line: its number in the session; NULL: its time alone places it. vxid: the virtual transaction. statement, part:
-- numbers of the statement and the substatement; NULL for an error. text: from the digest of the statement as told;
-- NULL: not told. kind: begun, ended (told when the statement had ended), utility or failed. manner: of a text, several,
-- copy, merge or select; again: it was said before; nested, of an error: rows with other texts may be its statement's.

ALTER TABLE access ADD COLUMN session_row STRUCT(
    session VARCHAR, line BIGINT, vxid VARCHAR, statement BIGINT, part BIGINT, text UINTEGER,
    kind VARCHAR, manner VARCHAR
);
DELETE FROM meta WHERE key = 'settled';
