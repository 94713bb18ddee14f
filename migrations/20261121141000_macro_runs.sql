-- Macros played on one phone, what was seen meanwhile, and screens that are known.

CREATE TABLE evidence_picture (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,    -- never used again: records of runs name it
    hash    BLOB    NOT NULL UNIQUE,              -- SHA-256 of the bytes: one picture is kept once
    bytes   BLOB    NOT NULL,
    format  TEXT    NOT NULL CHECK (format IN ('png', 'jpeg')),
    width   INTEGER NOT NULL,
    height  INTEGER NOT NULL,
    used_at INTEGER NOT NULL                      -- when a run kept it last
) STRICT;
CREATE INDEX evidence_picture_used ON evidence_picture (used_at);

CREATE TABLE macro_run (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: links name it
    macro_id   INTEGER NOT NULL,                  -- no references: a run outlives its macro, phone, cluster and person
    macro_name TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    phone_id   INTEGER NOT NULL,
    phone_name TEXT    NOT NULL,
    cluster_id INTEGER NOT NULL,
    by_name    TEXT    NOT NULL,
    dry_run    INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
    touched    INTEGER NOT NULL DEFAULT 0 CHECK (touched IN (0, 1)), -- written before the first act that reaches the phone
    state      TEXT    NOT NULL,                  -- 'running', or how it ended: RunEnd of src/domain/script.rs
    cause      TEXT    NOT NULL DEFAULT '',
    began_at   INTEGER NOT NULL,
    ended_at   INTEGER,                           -- none while it runs
    record     TEXT    NOT NULL                   -- the run as JSON: RunView of src/macros/play/types.rs
) STRICT;
CREATE INDEX macro_run_phone ON macro_run (phone_id, id);
CREATE INDEX macro_run_macro ON macro_run (macro_id, id);
CREATE INDEX macro_run_began ON macro_run (began_at);
CREATE INDEX macro_run_running ON macro_run (state) WHERE state = 'running';

CREATE TABLE macro_run_picture (
    run_id      INTEGER NOT NULL REFERENCES macro_run (id) ON DELETE CASCADE,
    evidence_id INTEGER NOT NULL REFERENCES evidence_picture (id),
    PRIMARY KEY (run_id, evidence_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX macro_run_picture_evidence ON macro_run_picture (evidence_id);

-- A screen that a person recognised: on phones of this model and load these pixels are what a macro expects there.
CREATE TABLE sight (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    model         TEXT    NOT NULL,
    load          TEXT    NOT NULL,
    expectation   TEXT    NOT NULL,
    pixels        BLOB    NOT NULL,               -- SHA-256 of the picture without its status bar: src/screens/sight.rs
    row           INTEGER,                        -- the row or softkey that a person named there
    evidence_id   INTEGER NOT NULL REFERENCES evidence_picture (id),
    script        BLOB    NOT NULL,               -- SHA-256 of the macro's text for a picture that it named; else empty
    trusted       INTEGER NOT NULL CHECK (trusted IN (0, 1)), -- by somebody who may play destructive macros
    remembered_by TEXT    NOT NULL,
    remembered_at INTEGER NOT NULL,
    UNIQUE (model, load, expectation, pixels, script)
) STRICT;
CREATE INDEX sight_evidence ON sight (evidence_id);
