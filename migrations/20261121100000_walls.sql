-- Walls that people keep by a name. `choice` is JSON: {"phones":[1,2]} in order, or {"search":{…}} in the words of /phones.

CREATE TABLE wall (
    id         INTEGER PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL,                -- the name in lower case
    shared     INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0, 1)),
    size       TEXT    NOT NULL CHECK (size IN ('small', 'medium', 'large')),
    choice     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (user_id, name_key)
) STRICT;
