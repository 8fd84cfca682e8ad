-- The intake's ledger (R51): mails that the server showed and that are not in custody, and when each folder was last looked
-- through whole. Same tables in migrations/sqlite/0003_ledger.sql (a test compares).
CREATE TABLE listed (
    mailbox TEXT COLLATE "C" NOT NULL,
    folder TEXT COLLATE "C" NOT NULL,
    uidvalidity BIGINT NOT NULL,
    uid BIGINT NOT NULL,
    since BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('missing', 'gone')),
    PRIMARY KEY (mailbox, folder, uidvalidity, uid)
);
CREATE INDEX listed_state ON listed (mailbox, uidvalidity, state);
CREATE TABLE sweeps (
    mailbox TEXT COLLATE "C" NOT NULL,
    folder TEXT COLLATE "C" NOT NULL,
    uidvalidity BIGINT NOT NULL,
    swept_at BIGINT NOT NULL,
    older BIGINT NOT NULL,
    PRIMARY KEY (mailbox, folder, uidvalidity)
);
CREATE INDEX inbox_ignored ON inbox (mailbox, uidvalidity, reason) WHERE state = 'ignored';
