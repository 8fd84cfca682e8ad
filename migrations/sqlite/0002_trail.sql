-- The trail is append-only: the database itself refuses to change, drop or insert an event between others, and to turn its
-- end back. Who owns the database can take these guards away; the chain of hashes then still tells (`redress audit verify`).
--
-- The one exception: a purge empties the content of old events (payload, change, source) and leaves everything else, while the
-- row `trail.erasing` stands in meta; it is set and taken away in the purge's own transaction.
CREATE TRIGGER events_stay BEFORE DELETE ON events
BEGIN
    SELECT RAISE(ABORT, 'the trail is append-only');
END;
CREATE TRIGGER events_as_written BEFORE UPDATE ON events
WHEN NEW.seq IS NOT OLD.seq OR NEW.case_id IS NOT OLD.case_id OR NEW.at IS NOT OLD.at OR NEW.kind IS NOT OLD.kind
    OR NEW.actor IS NOT OLD.actor OR NEW.prev_hash IS NOT OLD.prev_hash OR NEW.hash IS NOT OLD.hash
    OR NOT EXISTS (SELECT 1 FROM meta WHERE key = 'trail.erasing')
BEGIN
    SELECT RAISE(ABORT, 'the trail is append-only');
END;
CREATE TRIGGER events_in_order BEFORE INSERT ON events
WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM events)
    OR NEW.prev_hash <> COALESCE((SELECT hash FROM events WHERE seq = NEW.seq - 1), '')
BEGIN
    SELECT RAISE(ABORT, 'the trail is append-only');
END;
CREATE TRIGGER events_head_stays BEFORE DELETE ON events_head
BEGIN
    SELECT RAISE(ABORT, 'the trail is append-only');
END;
CREATE TRIGGER events_head_grows BEFORE UPDATE ON events_head
WHEN NEW.id <> OLD.id OR NEW.seq < OLD.seq OR (NEW.seq = OLD.seq AND NEW.hash <> OLD.hash)
BEGIN
    SELECT RAISE(ABORT, 'the trail is append-only');
END;
