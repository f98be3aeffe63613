-- What is placed in time or needs its source knows its input, so that no join over all events is needed; an access
-- also the first bits of its event's digest, an order among equals that no batch changes.

ALTER TABLE access ADD COLUMN input_id BIGINT;
ALTER TABLE access ADD COLUMN tie UINTEGER;
ALTER TABLE run_event ADD COLUMN input_id BIGINT;
ALTER TABLE dataset_change ADD COLUMN input_id BIGINT;
ALTER TABLE entry ADD COLUMN input_id BIGINT;
ALTER TABLE snapshot ADD COLUMN input_id BIGINT;
UPDATE access SET input_id = e.input_id, tie = (e.digest >> 96)::UINTEGER FROM event e WHERE e.event_id = access.event_id;
UPDATE run_event SET input_id = e.input_id FROM event e WHERE e.event_id = run_event.event_id;
UPDATE dataset_change SET input_id = e.input_id FROM event e WHERE e.event_id = dataset_change.event_id;
UPDATE entry SET input_id = e.input_id FROM event e WHERE e.event_id = entry.event_id;
UPDATE snapshot SET input_id = e.input_id FROM event e WHERE e.event_id = snapshot.event_id;
-- Both are views from now on.
DROP TABLE IF EXISTS act;
DROP TABLE IF EXISTS use;
DELETE FROM meta WHERE key = 'settled';
