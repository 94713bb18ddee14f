-- Remedies that were applied, with what is needed to take each back.

CREATE TABLE remedy_run (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    remedy        TEXT    NOT NULL,              -- a code of src/diagnosis/remedies/id.rs
    phone_id      INTEGER NOT NULL,              -- no references: a run outlives its phone, cluster and person
    phone_name    TEXT    NOT NULL,
    cluster_id    INTEGER NOT NULL,
    cluster_name  TEXT    NOT NULL,
    user_id       INTEGER,                       -- none: the program by itself
    user_name     TEXT    NOT NULL,
    event_id      INTEGER NOT NULL,              -- its line of the audit trail
    began_at      INTEGER NOT NULL,
    ended_at      INTEGER,                       -- none while it is under way
    state         TEXT    NOT NULL CHECK (state IN ('begun', 'done', 'failed', 'undone', 'doubtful')),
    changes       TEXT    NOT NULL,              -- JSON: what, from, to
    kept          TEXT    NOT NULL,              -- JSON: what undo puts back, written before anything is changed
    kept_login    BLOB,                          -- the control login's password, sealed as the cluster had it
    evidence      TEXT    NOT NULL DEFAULT '',   -- why it was not done, or is not certain
    cause         TEXT,
    diagnosis_id  INTEGER,                       -- the first diagnosis after it
    visit_until   INTEGER,                       -- of one for a visit: taken back then at the latest
    visit_seen_at INTEGER,                       -- of one for a visit: when somebody last looked at the phone
    undone_at     INTEGER,
    undone_by     TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX remedy_run_phone ON remedy_run (phone_id, began_at);
CREATE INDEX remedy_run_state ON remedy_run (state, visit_until);
