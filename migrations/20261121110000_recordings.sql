-- Recordings of screens and presses. Pictures are files of the data folder: recordings/<id>/<n>.png or .jpg.

CREATE TABLE recording (
    id           INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: it names a folder
    phone_id     INTEGER NOT NULL,              -- no references: a recording outlives its phone, cluster and person
    phone_name   TEXT    NOT NULL,
    phone_about  TEXT    NOT NULL,              -- its owner or description then
    cluster_id   INTEGER NOT NULL,
    cluster_name TEXT    NOT NULL,
    user_id      INTEGER NOT NULL,
    user_name    TEXT    NOT NULL,
    started_at   INTEGER NOT NULL,
    ended_at     INTEGER,                       -- none while it runs
    ending       TEXT    NOT NULL DEFAULT '',   -- why it ended, a word of src/recordings/ending.rs
    detail       TEXT    NOT NULL DEFAULT '',   -- more about that
    pictures     INTEGER NOT NULL DEFAULT 0,
    presses      INTEGER NOT NULL DEFAULT 0,
    bytes        INTEGER NOT NULL DEFAULT 0     -- of all its pictures
) STRICT;
CREATE INDEX recording_running ON recording (ended_at);
CREATE INDEX recording_user ON recording (user_id);

CREATE TABLE recording_step (
    recording_id INTEGER NOT NULL REFERENCES recording (id) ON DELETE CASCADE,
    n            INTEGER NOT NULL,              -- from 1, as they came; also the name of a picture's file
    at           INTEGER NOT NULL,
    kind         TEXT    NOT NULL CHECK (kind IN ('picture', 'press', 'lost', 'back', 'missed')),
    format       TEXT    NOT NULL DEFAULT '',   -- 'png' or 'jpeg'
    width        INTEGER NOT NULL DEFAULT 0,
    height       INTEGER NOT NULL DEFAULT 0,
    bytes        INTEGER NOT NULL DEFAULT 0,
    key          TEXT    NOT NULL DEFAULT '',
    label        TEXT    NOT NULL DEFAULT '',   -- what is printed on the key
    user_name    TEXT    NOT NULL DEFAULT '',
    outcome      TEXT    NOT NULL DEFAULT '',
    detail       TEXT    NOT NULL DEFAULT '',   -- why a key was not taken, why there was no picture
    PRIMARY KEY (recording_id, n)
) STRICT, WITHOUT ROWID;
