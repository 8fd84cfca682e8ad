-- The first schema. Same tables, columns and indexes as migrations/postgres/0001_first.sql (a test compares).
-- TEXT, BIGINT and BLOB only; flags are 0/1; instants are UTC seconds; ids are ULIDs.

-- Small facts about this store, and its own secret keys.
CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE secrets (
    key TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
);

-- Custody: one row a mail, its bytes apart so that scans of the ledger stay small.
CREATE TABLE inbox (
    id TEXT NOT NULL PRIMARY KEY,
    mailbox TEXT NOT NULL,
    folder TEXT NOT NULL,
    uidvalidity BIGINT NOT NULL,
    uid BIGINT NOT NULL,
    internal_at BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'done', 'held', 'ignored')),
    reason TEXT,
    attempts BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    size BIGINT NOT NULL,
    truncated_size BIGINT,
    case_id TEXT,
    class TEXT,
    message_id TEXT,
    filed BIGINT NOT NULL CHECK (filed IN (0, 1, 2)),
    moved BIGINT NOT NULL CHECK (moved IN (0, 1, 2)),
    UNIQUE (mailbox, folder, uidvalidity, uid)
);
CREATE INDEX inbox_new ON inbox (internal_at, uid, id) WHERE state = 'new';
CREATE INDEX inbox_held ON inbox (internal_at, id) WHERE state = 'held';
CREATE INDEX inbox_unmoved ON inbox (mailbox, folder, uidvalidity, uid) WHERE moved = 0;
CREATE INDEX inbox_sha256 ON inbox (sha256, taken_at, id);
CREATE INDEX inbox_case ON inbox (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX inbox_message_id ON inbox (message_id, id) WHERE message_id IS NOT NULL;
CREATE INDEX inbox_ledger ON inbox (mailbox, uidvalidity, state, filed);
CREATE TABLE inbox_raw (
    id TEXT NOT NULL PRIMARY KEY REFERENCES inbox (id) ON DELETE CASCADE,
    raw BLOB NOT NULL
);

-- What a mail said, as the case shows it.
CREATE TABLE messages (
    id INTEGER NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    inbox_id TEXT,
    kind TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT,
    at BIGINT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX messages_case ON messages (case_id, at, id);

-- Letters: frozen when queued; one envelope recipient each.
CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT,
    kind TEXT NOT NULL,
    effect_key TEXT NOT NULL UNIQUE,
    envelope_from TEXT NOT NULL,
    recipient TEXT NOT NULL,
    recipient_key TEXT NOT NULL,
    subject TEXT NOT NULL,
    message_id TEXT NOT NULL,
    world TEXT NOT NULL,
    automatic BIGINT NOT NULL CHECK (automatic IN (0, 1)),
    queued_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'claimed', 'in_doubt', 'sent', 'later', 'never', 'withdrawn')),
    attempts BIGINT NOT NULL,
    doubt BIGINT NOT NULL CHECK (doubt IN (0, 1)),
    worker TEXT,
    lease_until BIGINT,
    changed_at BIGINT,
    reply TEXT,
    why TEXT,
    told BIGINT NOT NULL CHECK (told IN (0, 1)),
    size BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_at, id) WHERE state IN ('queued', 'later');
CREATE INDEX outbox_leases ON outbox (lease_until, id) WHERE state IN ('claimed', 'in_doubt');
CREATE INDEX outbox_never ON outbox (changed_at, id) WHERE state = 'never';
CREATE INDEX outbox_untold ON outbox (id) WHERE state = 'never' AND told = 0;
CREATE INDEX outbox_kind ON outbox (kind, state);
CREATE INDEX outbox_message_id ON outbox (message_id, id);
CREATE INDEX outbox_case ON outbox (case_id, queued_at, id) WHERE case_id IS NOT NULL;
CREATE INDEX outbox_automatic ON outbox (recipient_key, queued_at) WHERE automatic = 1;
CREATE TABLE outbox_raw (
    id TEXT NOT NULL PRIMARY KEY REFERENCES outbox (id) ON DELETE CASCADE,
    raw BLOB NOT NULL,
    text TEXT NOT NULL
);

-- Cases: a snapshot and what lists need; the events are the truth.
CREATE TABLE cases (
    id TEXT NOT NULL PRIMARY KEY,
    serial BIGINT NOT NULL UNIQUE,
    number TEXT NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    grade TEXT,
    major BIGINT NOT NULL CHECK (major IN (0, 1)),
    confidential BIGINT NOT NULL CHECK (confidential IN (0, 1)),
    unit TEXT,
    channel TEXT NOT NULL,
    subject TEXT NOT NULL,
    complainant_key TEXT,
    text_hash TEXT,
    round BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    due_at BIGINT,
    answered_at BIGINT,
    closed_at BIGINT,
    updated_at BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX cases_open ON cases (serial) WHERE closed_at IS NULL;
CREATE INDEX cases_due ON cases (due_at, serial) WHERE closed_at IS NULL AND due_at IS NOT NULL;
CREATE INDEX cases_opened ON cases (opened_at, serial);
CREATE INDEX cases_answered ON cases (answered_at, serial) WHERE answered_at IS NOT NULL;
CREATE INDEX cases_closed ON cases (closed_at, serial) WHERE closed_at IS NOT NULL;
CREATE INDEX cases_complainant ON cases (complainant_key, opened_at, serial) WHERE complainant_key IS NOT NULL;
CREATE INDEX cases_text ON cases (text_hash, opened_at, serial) WHERE text_hash IS NOT NULL;
CREATE TABLE numbers (
    scope TEXT NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL
);

-- Which case a Message-ID belongs to, whose world it is in, and for which person it was written.
CREATE TABLE threads (
    message_id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    world TEXT NOT NULL,
    person TEXT
);
CREATE INDEX threads_case ON threads (case_id);

-- The trail: append-only, one hash chain over all cases.
CREATE TABLE events (
    seq INTEGER NOT NULL PRIMARY KEY,
    case_id TEXT,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    source TEXT,
    payload TEXT NOT NULL,
    change TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX events_case ON events (case_id, seq) WHERE case_id IS NOT NULL;
CREATE TABLE events_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO events_head (id, seq, hash) VALUES (1, 0, '');

-- Alarms: one a case and key; the id changes with the hour, so that an old alarm cannot fire a new one.
CREATE TABLE timers (
    case_id TEXT NOT NULL,
    key TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    due_at BIGINT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('armed', 'fired')),
    PRIMARY KEY (case_id, key)
);
CREATE INDEX timers_due ON timers (due_at, id) WHERE state = 'armed';

-- Surveys: only the hash of a link's token is kept.
CREATE TABLE surveys (
    token_hash TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    round BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    lang TEXT NOT NULL,
    answers TEXT,
    first_answered_at BIGINT,
    answered_at BIGINT
);
CREATE INDEX surveys_case ON surveys (case_id, round, opened_at, token_hash);
CREATE INDEX surveys_opened ON surveys (opened_at, token_hash);

-- Lines for the digest.
CREATE TABLE notes (
    id INTEGER NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    case_id TEXT,
    text TEXT NOT NULL
);
CREATE INDEX notes_at ON notes (at, id);

-- Acts that wait for their confirmation.
CREATE TABLE pending (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    inbox_id TEXT NOT NULL,
    nonce_hash TEXT NOT NULL UNIQUE,
    at BIGINT NOT NULL,
    state TEXT NOT NULL
);
CREATE INDEX pending_person ON pending (person, at);

-- Working days and holidays as imported; one row a day.
CREATE TABLE calendar_days (
    day TEXT NOT NULL PRIMARY KEY,
    working BIGINT NOT NULL CHECK (working IN (0, 1)),
    note TEXT NOT NULL,
    source TEXT NOT NULL
);

-- Who does what while several nodes share the work; the fence only grows.
CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    until BIGINT NOT NULL
);
