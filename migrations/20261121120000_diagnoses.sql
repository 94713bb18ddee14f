-- Diagnoses: why a phone could not be controlled, with the proof.

CREATE TABLE diagnosis (
    id             INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: links name it
    phone_id       INTEGER NOT NULL,             -- no references: a diagnosis outlives its phone, cluster and person
    cluster_id     INTEGER NOT NULL,
    by_name        TEXT    NOT NULL,
    started_at     INTEGER NOT NULL,
    finished_at    INTEGER,                      -- none while it runs
    state          TEXT    NOT NULL CHECK (state IN ('running', 'finished', 'interrupted')),
    cause          TEXT    NOT NULL DEFAULT '',  -- of the verdict; empty without one
    certainty      TEXT    NOT NULL DEFAULT '',
    report         TEXT    NOT NULL,             -- the record as JSON: src/diagnosis/record.rs
    picture        BLOB,                         -- what the phone showed, at most 4 MiB
    picture_format TEXT    NOT NULL DEFAULT '',  -- 'png' or 'jpeg'
    picture_width  INTEGER NOT NULL DEFAULT 0,
    picture_height INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX diagnosis_phone ON diagnosis (phone_id, id);
CREATE INDEX diagnosis_started ON diagnosis (started_at);
CREATE INDEX diagnosis_running ON diagnosis (state) WHERE state = 'running';
