-- A purge takes a case's notes away without looking through all of them.
CREATE INDEX notes_case ON notes (case_id);
