-- Short messages of the notice matrix: one a person and cause, posted to the organisation's webhook, kept with what came of it.
CREATE TABLE sms (
    id TEXT NOT NULL PRIMARY KEY,
    case_id TEXT NOT NULL,
    effect_key TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    phone TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'later', 'sent', 'never')),
    queued_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    changed_at BIGINT,
    why TEXT,
    told BIGINT NOT NULL DEFAULT 0 CHECK (told IN (0, 1))
);
CREATE INDEX sms_waiting ON sms (next_at, id) WHERE state IN ('queued', 'later');
CREATE INDEX sms_untold ON sms (queued_at, id) WHERE state = 'never' AND told = 0;
CREATE INDEX sms_case ON sms (case_id, queued_at, id);
