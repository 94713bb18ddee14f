-- Reaching people through their phones. Sounds and pictures are files of the data folder: reach/sounds/<id>.ulaw,
-- reach/backgrounds/<id>/….

CREATE TABLE message_template (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    message    TEXT    NOT NULL,                -- domain::job::Text as JSON
    updated_at INTEGER NOT NULL,
    updated_by TEXT    NOT NULL
) STRICT;

-- Texts that are to be taken off a display again. At most one a phone: a later text replaces what is shown.
CREATE TABLE message_shown (
    phone_id   INTEGER PRIMARY KEY REFERENCES phone (id) ON DELETE CASCADE,
    user_name  TEXT    NOT NULL,                -- who sent it
    expires_at INTEGER NOT NULL,
    due_at     INTEGER NOT NULL                 -- when it is tried next
) STRICT;
CREATE INDEX message_shown_due ON message_shown (due_at);

CREATE TABLE sound (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: it names a file
    name       TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    source     TEXT    NOT NULL,                -- what was uploaded, in words
    samples    INTEGER NOT NULL,                -- at 8,000 a second, a byte each
    added_at   INTEGER NOT NULL,
    added_by   TEXT    NOT NULL
) STRICT;

CREATE TABLE background (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: it names a folder
    name       TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    format     TEXT    NOT NULL CHECK (format IN ('png', 'jpeg')),
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    crop       TEXT,                            -- x,y,width,height of the part that matters; none: the middle
    added_at   INTEGER NOT NULL,
    added_by   TEXT    NOT NULL
) STRICT;

CREATE TABLE announcement (
    id         INTEGER PRIMARY KEY,
    sound_id   INTEGER NOT NULL,                -- no references: an announcement outlives its sound and its person
    sound_name TEXT    NOT NULL,
    samples    INTEGER NOT NULL,
    mode       TEXT    NOT NULL CHECK (mode IN ('unicast', 'multicast')),
    volume     INTEGER NOT NULL CHECK (volume BETWEEN 0 AND 100),
    busy       TEXT    NOT NULL CHECK (busy IN ('skip', 'play')),
    user_id    INTEGER NOT NULL,
    user_name  TEXT    NOT NULL,
    began_at   INTEGER NOT NULL,
    ended_at   INTEGER,                         -- none while it runs
    ending     TEXT    NOT NULL DEFAULT ''      -- a word of reach::announcements::Ending
) STRICT;
CREATE INDEX announcement_began ON announcement (began_at);

CREATE TABLE announcement_phone (
    announcement_id INTEGER NOT NULL REFERENCES announcement (id) ON DELETE CASCADE,
    phone_id        INTEGER NOT NULL,           -- no references: see above
    phone_name      TEXT    NOT NULL,
    cluster_id      INTEGER NOT NULL,
    state           TEXT    NOT NULL,           -- a word of reach::announcements::Hearing
    detail          TEXT    NOT NULL DEFAULT '',
    listening       INTEGER NOT NULL DEFAULT 0 CHECK (listening IN (0, 1)), -- told to listen, and not yet told to stop
    PRIMARY KEY (announcement_id, phone_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX announcement_phone_listening ON announcement_phone (listening) WHERE listening = 1;
CREATE INDEX announcement_phone_phone ON announcement_phone (phone_id);
