-- What a database session's log tells of its transactions beside their statements: what was written in one that did
-- not come to its end was taken back. Stores filled by older programs know it of later inputs only.
-- kind: begun; ended; undone (rolled back, as a whole or in part); failed (an error, which may have ended it); unended
-- (the COMMIT before it failed). line, vxid, statement: as of an access's session_row; of statements only audit rows
-- tell the number.

CREATE TABLE transaction_turn (
    event_id BIGINT, input_id BIGINT, principal BIGINT, session VARCHAR, line BIGINT, vxid VARCHAR,
    statement BIGINT,
    told_at BIGINT,                    -- as it was told: comparable within one log
    kind VARCHAR
);
DELETE FROM meta WHERE key = 'settled';
