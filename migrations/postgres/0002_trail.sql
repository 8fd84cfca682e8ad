-- The trail is append-only: the database itself refuses to change, drop or insert an event between others, and to turn its
-- end back. Who owns the database can take these guards away; the chain of hashes then still tells (`redress audit verify`).
--
-- The one exception: a purge empties the content of old events (payload, change, source) and leaves everything else, while the
-- row `trail.erasing` stands in meta; it is set and taken away in the purge's own transaction.
CREATE FUNCTION trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the trail is append-only';
END;
$$;
CREATE FUNCTION trail_as_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF ROW(NEW.seq, NEW.case_id, NEW.at, NEW.kind, NEW.actor, NEW.prev_hash, NEW.hash)
        IS DISTINCT FROM ROW(OLD.seq, OLD.case_id, OLD.at, OLD.kind, OLD.actor, OLD.prev_hash, OLD.hash)
        OR NOT EXISTS (SELECT 1 FROM meta WHERE key = 'trail.erasing') THEN
        RAISE EXCEPTION 'the trail is append-only';
    END IF;
    RETURN NEW;
END;
$$;
CREATE FUNCTION trail_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM events)
        OR NEW.prev_hash <> COALESCE((SELECT hash FROM events WHERE seq = NEW.seq - 1), '') THEN
        RAISE EXCEPTION 'the trail is append-only';
    END IF;
    RETURN NEW;
END;
$$;
CREATE FUNCTION trail_end_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.seq < OLD.seq OR (NEW.seq = OLD.seq AND NEW.hash <> OLD.hash) THEN
        RAISE EXCEPTION 'the trail is append-only';
    END IF;
    RETURN NEW;
END;
$$;
CREATE TRIGGER events_stay BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION trail_is_append_only();
CREATE TRIGGER events_not_emptied BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION trail_is_append_only();
CREATE TRIGGER events_as_written BEFORE UPDATE ON events FOR EACH ROW EXECUTE FUNCTION trail_as_written();
CREATE TRIGGER events_in_order BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION trail_in_order();
CREATE TRIGGER events_head_stays BEFORE DELETE ON events_head FOR EACH ROW EXECUTE FUNCTION trail_is_append_only();
CREATE TRIGGER events_head_not_emptied BEFORE TRUNCATE ON events_head FOR EACH STATEMENT EXECUTE FUNCTION trail_is_append_only();
CREATE TRIGGER events_head_grows BEFORE UPDATE ON events_head FOR EACH ROW EXECUTE FUNCTION trail_end_grows();
