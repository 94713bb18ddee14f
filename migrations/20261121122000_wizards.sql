-- A way through one trouble, step by step: whoever may diagnose and sees the cluster goes on with it.
CREATE TABLE wizard_run (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- links outlive a run, and must not lead to another one
    kind       TEXT    NOT NULL,                -- a word of src/diagnosis/wizards/kind.rs
    cluster_id INTEGER NOT NULL REFERENCES cluster (id) ON DELETE CASCADE,
    phone_id   INTEGER REFERENCES phone (id) ON DELETE CASCADE,
    step       TEXT    NOT NULL,                -- the step that was last worked at
    state      TEXT    NOT NULL CHECK (state IN ('open', 'finished', 'left')),
    begun_by   TEXT    NOT NULL,
    begun_at   INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX wizard_run_changed ON wizard_run (changed_at);
CREATE INDEX wizard_run_cluster ON wizard_run (cluster_id);
CREATE INDEX wizard_run_phone ON wizard_run (phone_id);

-- The answer that counts for each step; earlier ones are in the notes.
CREATE TABLE wizard_answer (
    run_id  INTEGER NOT NULL REFERENCES wizard_run (id) ON DELETE CASCADE,
    step    TEXT    NOT NULL,
    skipped INTEGER NOT NULL CHECK (skipped IN (0, 1)),
    fields  TEXT    NOT NULL,                   -- JSON object: name to value
    note    INTEGER NOT NULL,                   -- wizard_note.id of the answer
    changed INTEGER NOT NULL,                   -- wizard_note.id of the answer that last changed the fields
    by_name TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

-- What the software saw last, by the name of the reading.
CREATE TABLE wizard_look (
    run_id   INTEGER NOT NULL REFERENCES wizard_run (id) ON DELETE CASCADE,
    reading  TEXT    NOT NULL,
    body     TEXT,                              -- JSON; none while the first one is under way
    at       INTEGER NOT NULL,                  -- when the body was seen
    since    INTEGER,                           -- a reading is under way since then
    PRIMARY KEY (run_id, reading)
) STRICT, WITHOUT ROWID;

-- The wizard's own log.
CREATE TABLE wizard_note (
    id      INTEGER PRIMARY KEY,
    run_id  INTEGER NOT NULL REFERENCES wizard_run (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    by_name TEXT    NOT NULL,
    step    TEXT    NOT NULL DEFAULT '',
    text    TEXT    NOT NULL
) STRICT;
CREATE INDEX wizard_note_run ON wizard_note (run_id, id);

-- Every phone of a cluster before and after a change, as it was known then.
CREATE TABLE wizard_snapshot (
    run_id     INTEGER NOT NULL REFERENCES wizard_run (id) ON DELETE CASCADE,
    after      INTEGER NOT NULL CHECK (after IN (0, 1)),
    name       TEXT    NOT NULL,
    phone_id   INTEGER NOT NULL,                -- no reference: the phone may be gone
    status     TEXT    NOT NULL,
    readiness  TEXT    NOT NULL,
    cause      TEXT    NOT NULL,
    firmware   TEXT    NOT NULL,
    trust_list TEXT    NOT NULL,                -- the word of the phone's last message about trust lists
    trust_hash TEXT    NOT NULL,
    PRIMARY KEY (run_id, after, name)
) STRICT, WITHOUT ROWID;
