-- Macros: the newest version of each is what is shown and played, every earlier one is kept.
CREATE TABLE macro (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- links and runs outlive a macro, and must not lead to another one
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL,                -- the name in lower case
    danger     TEXT    NOT NULL CHECK (danger IN ('safe', 'destructive')),
    version    INTEGER NOT NULL,                -- the newest
    built_in   TEXT,                            -- its word in src/macros/library, of one that comes with the program
    edition    INTEGER NOT NULL DEFAULT 0,      -- which edition of that text was written last
    updated_at INTEGER NOT NULL,
    updated_by TEXT    NOT NULL,
    removed_at INTEGER                          -- its versions stay: runs and the audit trail name them
) STRICT;
CREATE UNIQUE INDEX macro_name ON macro (name_key) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX macro_built_in ON macro (built_in) WHERE built_in IS NOT NULL;

CREATE TABLE macro_version (
    macro_id INTEGER NOT NULL REFERENCES macro (id) ON DELETE CASCADE,
    version  INTEGER NOT NULL,                  -- from 1
    text     TEXT    NOT NULL,                  -- as it was written, with its comments
    note     TEXT    NOT NULL DEFAULT '',       -- what was changed, in the words of who saved it
    origin   TEXT    NOT NULL CHECK (origin IN ('person', 'program')),
    saved_at INTEGER NOT NULL,
    saved_by TEXT    NOT NULL,
    PRIMARY KEY (macro_id, version)
) STRICT;

-- The ring tones that may be played, in the order of the choice; none: the stock names of src/macros/tones.rs.
CREATE TABLE ring_tone (
    position INTEGER PRIMARY KEY,
    name     TEXT    NOT NULL UNIQUE
) STRICT;
