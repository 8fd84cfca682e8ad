-- The personnel office's lists (R81): each is laid before a second person, and the newest approved one stands over the config.
CREATE TABLE directory_versions (
    version BIGINT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'returned', 'withdrawn')),
    roster TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    file TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    decided_by TEXT,
    decided_at BIGINT,
    proof TEXT,
    why TEXT
);
CREATE INDEX directory_versions_state ON directory_versions (state, version);
