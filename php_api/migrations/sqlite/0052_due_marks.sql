-- What a run found due: a later run may delete it, if it is still due and enough time has certainly passed.
CREATE TABLE IF NOT EXISTS due_marks (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    run_id INTEGER NOT NULL,
    proven_seconds INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
);
