-- Most accesses name a dataset and tell no statement. They are kept by themselves, since to write a column costs nearly
-- as much where it holds nothing; `access` shows both.

ALTER TABLE access RENAME TO stated_access;
CREATE TABLE plain_access (
    event_id BIGINT, start_at BIGINT, end_at BIGINT, zoned BOOLEAN, principal BIGINT,
    operation VARCHAR, outcome VARCHAR, dataset BIGINT, fields VARCHAR[], keys VARCHAR[], run BIGINT,
    row_count BIGINT, input_id BIGINT, tie UINTEGER
);
CREATE VIEW access AS
SELECT event_id, start_at, end_at, zoned, principal, operation, outcome, dataset, context, fields, keys, template_id,
       literals, bound, run, row_count, occurrence, input_id, tie, session_row
FROM stated_access
UNION ALL
SELECT event_id, start_at, end_at, zoned, principal, operation, outcome, dataset, NULL, fields, keys, NULL,
       NULL, NULL, run, row_count, NULL, input_id, tie, NULL
FROM plain_access;
