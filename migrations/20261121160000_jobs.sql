-- Jobs on many phones: what a job does, its brakes, a row a phone, jobs by the calendar, saved filters of phones.

ALTER TABLE job ADD COLUMN title       TEXT    NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN user_id     INTEGER;                     -- whose rights it has; none: the program itself
ALTER TABLE job ADD COLUMN clusters    TEXT    NOT NULL DEFAULT '[]'; -- JSON list of the clusters of its phones
ALTER TABLE job ADD COLUMN action      TEXT;                        -- JSON; none of a sync
ALTER TABLE job ADD COLUMN brakes      TEXT;                        -- JSON; none of a sync
ALTER TABLE job ADD COLUMN destructive INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN hold        TEXT CHECK (hold IN ('approval', 'canary', 'paused', 'window', 'failures'));
ALTER TABLE job ADD COLUMN stage       INTEGER NOT NULL DEFAULT 0;  -- 0 and 1: the canary; 2: the rest
ALTER TABLE job ADD COLUMN succeeded   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN skipped     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN unproved    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN unsure      INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN cancelled   INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN waiting     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN forgiven_done   INTEGER NOT NULL DEFAULT 0; -- ended runs when it was last let go on after failures
ALTER TABLE job ADD COLUMN forgiven_failed INTEGER NOT NULL DEFAULT 0; -- those of them that had failed
ALTER TABLE job ADD COLUMN approved_by TEXT;
ALTER TABLE job ADD COLUMN approved_at INTEGER;
ALTER TABLE job ADD COLUMN origin_id   INTEGER;                     -- the job whose failed runs it repeats
ALTER TABLE job ADD COLUMN schedule_id INTEGER;                     -- the schedule that started it
ALTER TABLE job ADD COLUMN ending      TEXT CHECK (ending IN ('cancelled', 'failed')); -- it was stopped; nothing more begins

CREATE INDEX job_open ON job (id) WHERE state IN ('queued', 'running');

CREATE TABLE job_run (
    id          INTEGER PRIMARY KEY,
    job_id      INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
    phone_id    INTEGER REFERENCES phone (id) ON DELETE SET NULL,
    phone_name  TEXT    NOT NULL,
    cluster_id  INTEGER NOT NULL,
    model       TEXT    NOT NULL DEFAULT '',
    switch_name TEXT    NOT NULL DEFAULT '',
    stage       INTEGER NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('queued', 'waiting', 'running', 'succeeded', 'failed', 'unproved', 'unsure',
                                                  'skipped', 'cancelled')),
    touched     INTEGER NOT NULL DEFAULT 0,     -- something was, or was about to be, sent to the phone in this attempt
    attempts    INTEGER NOT NULL DEFAULT 0,
    due_at      INTEGER,                        -- of a waiting one: not before
    give_up_at  INTEGER,                        -- of one that was met busy: not after
    cause       TEXT,
    evidence    TEXT    NOT NULL DEFAULT '',
    way         TEXT    NOT NULL DEFAULT '',    -- 'web' or 'ssh', of a macro
    steps       TEXT    NOT NULL DEFAULT '[]',  -- JSON
    pictures    TEXT    NOT NULL DEFAULT '[]',  -- JSON list of names and numbers of evidence_picture
    began_at    INTEGER,
    ended_at    INTEGER
) STRICT;

CREATE INDEX job_run_of_job ON job_run (job_id, state, id);
CREATE INDEX job_run_of_phone ON job_run (phone_id);
CREATE INDEX job_run_in_order ON job_run (job_id, id);
CREATE INDEX job_run_of_model ON job_run (job_id, model);

-- The pictures that a report shows: kept as long as it is.
CREATE TABLE job_run_picture (
    run_id      INTEGER NOT NULL REFERENCES job_run (id) ON DELETE CASCADE,
    evidence_id INTEGER NOT NULL REFERENCES evidence_picture (id),
    PRIMARY KEY (run_id, evidence_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX job_run_picture_evidence ON job_run_picture (evidence_id);

CREATE TABLE job_schedule (
    id               INTEGER PRIMARY KEY,
    version          INTEGER NOT NULL DEFAULT 1,
    title            TEXT    NOT NULL,
    user_id          INTEGER,
    created_by       TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    action           TEXT    NOT NULL,           -- JSON
    targets          TEXT    NOT NULL,           -- JSON
    clusters         TEXT,                       -- JSON list of the clusters it may work on; none: all
    phones           INTEGER NOT NULL,           -- to how many it would have been done when it was saved
    brakes           TEXT    NOT NULL,           -- JSON
    timing           TEXT    NOT NULL,           -- JSON
    destructive      INTEGER NOT NULL,
    approved_version INTEGER,
    approved_by      TEXT,
    approved_at      INTEGER,
    next_at          INTEGER,                    -- none: there is no further start
    removed          INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX job_schedule_due ON job_schedule (next_at) WHERE removed = 0;

CREATE TABLE job_schedule_log (
    id          INTEGER PRIMARY KEY,
    schedule_id INTEGER NOT NULL REFERENCES job_schedule (id) ON DELETE CASCADE,
    at          INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,               -- the start that it is about
    words       TEXT    NOT NULL,
    job_id      INTEGER
) STRICT;

CREATE INDEX job_schedule_log_of ON job_schedule_log (schedule_id, id);

-- Previews that were accepted: a second order of the same is answered with what the first one made.
CREATE TABLE job_accepted (
    accepted    TEXT PRIMARY KEY,               -- who, and the token of the preview
    job_id      INTEGER REFERENCES job (id) ON DELETE CASCADE,
    schedule_id INTEGER REFERENCES job_schedule (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX job_accepted_job ON job_accepted (job_id);
CREATE INDEX job_accepted_schedule ON job_accepted (schedule_id);

CREATE TABLE phone_filter (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL,
    shared     INTEGER NOT NULL DEFAULT 0,
    choice     TEXT    NOT NULL,                -- JSON
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (user_id, name_key)
) STRICT;

CREATE INDEX phone_filter_shared ON phone_filter (name_key) WHERE shared = 1;
