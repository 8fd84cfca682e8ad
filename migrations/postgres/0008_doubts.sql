-- A letter in doubt is looked for among the sent mails before it goes once more: since when it is in doubt, and when its copy was
-- seen there. Same columns in migrations/postgres (a test compares).
ALTER TABLE outbox ADD COLUMN doubt_since BIGINT;
ALTER TABLE outbox ADD COLUMN copy_at BIGINT;
CREATE INDEX outbox_doubt ON outbox (id) WHERE doubt = 1;
