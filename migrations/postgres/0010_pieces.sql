-- A long mail lies in pieces: a database holds a value several times over while it writes or reads it. Its beginning stands in
-- inbox_raw or outbox_raw as that of any other, and is full; the rest stands here, 1 first. Same tables on both (a test compares).
CREATE TABLE inbox_pieces (
    id TEXT NOT NULL REFERENCES inbox (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    raw BYTEA NOT NULL,
    PRIMARY KEY (id, n)
);
CREATE TABLE outbox_pieces (
    id TEXT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    n BIGINT NOT NULL,
    raw BYTEA NOT NULL,
    PRIMARY KEY (id, n)
);
