-- Public keys of DKIM signatures as DNS gave them, so that a decision rests on what was seen when its mail came in. An empty
-- record: there is none.
CREATE TABLE dkim_keys (
    name TEXT NOT NULL PRIMARY KEY,
    record TEXT NOT NULL,
    at BIGINT NOT NULL
);
