-- What was told, as it was told: every table here is a pure function of the inputs' content.
-- Instants are microseconds since 1970-01-01 UTC. Where `zoned` is false the instant is a local
-- wall-clock reading that waits for its source's time zone. Names are numbers into `name`.

CREATE SEQUENCE input_sequence;
CREATE SEQUENCE event_sequence;
CREATE SEQUENCE name_sequence;
CREATE SEQUENCE template_sequence;

CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);

-- The ledger: one row for each distinct content that was taken in.
CREATE TABLE input (
    input_id BIGINT PRIMARY KEY,
    digest VARCHAR NOT NULL,           -- SHA-256 of the bytes as given
    size BIGINT NOT NULL,
    collector VARCHAR NOT NULL,
    options VARCHAR NOT NULL,          -- JSON: what was told beside the content (environment, taken_at)
    recorded_at BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    known BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    passed BIGINT NOT NULL,
    digest_sum VARCHAR NOT NULL        -- sum of the digests of the events that it was the first to tell
);
CREATE TABLE input_name (input_id BIGINT NOT NULL, name VARCHAR NOT NULL, path VARCHAR NOT NULL, source VARCHAR);

-- One row for each distinct event; `input_id` and `position` are where it was first seen.
CREATE TABLE event (
    event_id BIGINT NOT NULL,
    digest UHUGEINT NOT NULL,
    input_id BIGINT NOT NULL,
    position BIGINT NOT NULL
);
CREATE TABLE sighting (event_id BIGINT NOT NULL, input_id BIGINT NOT NULL, position BIGINT NOT NULL);
CREATE TABLE reject (digest UHUGEINT NOT NULL, input_id BIGINT NOT NULL, position BIGINT NOT NULL, reason VARCHAR NOT NULL);

CREATE TABLE name (
    name_id BIGINT NOT NULL,
    kind VARCHAR NOT NULL,             -- dataset | job | run | principal | environment | data_subject
    namespace VARCHAR NOT NULL,        -- '' where the kind has none, or where the source gives it
    name VARCHAR NOT NULL
);

-- OpenLineage
CREATE TABLE run_event (event_id BIGINT, run BIGINT, job BIGINT, event_time BIGINT, zoned BOOLEAN, type VARCHAR);
CREATE TABLE run_io (
    event_id BIGINT, run BIGINT, direction VARCHAR,   -- 'input' | 'output'
    dataset BIGINT,
    lifecycle VARCHAR,                 -- lifecycleStateChange, upper case
    partial BOOLEAN,                   -- an output subset, or anything that says only a part is replaced
    previous BIGINT                    -- previousIdentifier of RENAME
);
CREATE TABLE run_parent (event_id BIGINT, run BIGINT, parent_run BIGINT, parent_job BIGINT);
CREATE TABLE run_sql (event_id BIGINT, run BIGINT, template_id BIGINT);
CREATE TABLE symlink (event_id BIGINT, dataset BIGINT, other BIGINT);
CREATE TABLE column_edge (
    event_id BIGINT, run BIGINT, dataset BIGINT, field VARCHAR,
    source_dataset BIGINT, source_field VARCHAR,       -- NULL: the facet names the field and no input of it
    carries BOOLEAN                    -- at least one DIRECT transformation that does not mask
);
CREATE TABLE stated_edge (event_id BIGINT, run BIGINT, dataset BIGINT, source_dataset BIGINT);  -- source NULL: no upstream
CREATE TABLE dataset_change (event_id BIGINT, dataset BIGINT, event_time BIGINT, zoned BOOLEAN, lifecycle VARCHAR, previous BIGINT);
CREATE TABLE note (event_id BIGINT, kind VARCHAR);     -- a caveat about this event, e.g. 'extraction-error'

-- Statements: each distinct shape (literals taken out) is understood once, at ingest.
CREATE TABLE template (
    template_id BIGINT NOT NULL, digest UHUGEINT NOT NULL, dialect VARCHAR NOT NULL, shape VARCHAR NOT NULL,
    parsed BOOLEAN NOT NULL,
    returns BOOLEAN NOT NULL,          -- a write that also returns rows (RETURNING)
    kept BIGINT[] NOT NULL             -- which literals replay needs; the others are never stored
);
CREATE TABLE template_table (
    template_id BIGINT NOT NULL, no BIGINT NOT NULL, parts VARCHAR[] NOT NULL,
    reads BOOLEAN NOT NULL, write VARCHAR,             -- write: NULL | create | update | delete
    sql_write VARCHAR,                                 -- NULL | overwrite | append | unknown: for SQL in a facet
    defines_view BOOLEAN NOT NULL,                     -- CREATE VIEW: this table is the view, the read ones are its bases
    fields VARCHAR[],                                  -- fields read; NULL: all or not known
    scope VARCHAR NOT NULL,                            -- all | replay | unknown | none: which rows were read or written
    replay VARCHAR,                                    -- SQL, where scope = 'replay'
    joined BOOLEAN NOT NULL                            -- replay looks at more than this table, so it depends on the time
);

-- Access events
CREATE TABLE access (
    event_id BIGINT, start_at BIGINT, end_at BIGINT, zoned BOOLEAN, principal BIGINT,
    operation VARCHAR, outcome VARCHAR,
    dataset BIGINT,                    -- NULL: only the statement says
    context VARCHAR[],                 -- leading name parts for tables that the statement names (database, schema)
    fields VARCHAR[], keys VARCHAR[],
    template_id BIGINT, literals VARCHAR[], bound VARCHAR[],
    run BIGINT, row_count BIGINT,
    occurrence VARCHAR                 -- equal for several tellings of one act (session and statement number)
);

-- Records, people, packages, advisories, catalogs
CREATE TABLE entry (
    event_id BIGINT, dataset BIGINT, key VARCHAR, data_subject BIGINT,
    valid_from BIGINT, valid_to BIGINT, zoned BOOLEAN, -- valid_to NULL: still there
    attributes VARCHAR                 -- JSON; an absent key is not held, null is NULL, {"t": "..."} an instant
);
CREATE TABLE subject (event_id BIGINT, data_subject BIGINT, jurisdiction VARCHAR);
CREATE TABLE snapshot (event_id BIGINT, environment BIGINT, taken_at BIGINT, zoned BOOLEAN);
CREATE TABLE component (event_id BIGINT, purl VARCHAR);
CREATE TABLE document (event_id BIGINT, kind VARCHAR, id VARCHAR, body VARCHAR);   -- catalog | advisory, as JSON
