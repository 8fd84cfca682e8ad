-- A letter in doubt is sent once more, and only once: 1 from before its second final dot until that dot's answer is known. A process
-- that dies between the two leaves it at 1, and the letter is for a person to settle.
ALTER TABLE outbox ADD COLUMN again BIGINT NOT NULL DEFAULT 0 CHECK (again IN (0, 1));
