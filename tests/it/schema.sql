CREATE TABLE api_token (
    id           INTEGER PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    label        TEXT    NOT NULL,
    token_hash   BLOB    NOT NULL UNIQUE,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER
) STRICT;

CREATE INDEX api_token_user ON api_token (user_id);

CREATE TABLE cluster (
    id                       INTEGER PRIMARY KEY,
    name                     TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    host                     TEXT    NOT NULL,
    port                     INTEGER NOT NULL,
    login_username           TEXT    NOT NULL,
    login_password           BLOB    NOT NULL,
    control_username         TEXT,
    control_password         BLOB,
    tls_mode                 TEXT    NOT NULL CHECK (tls_mode IN ('system', 'pinned', 'ca', 'insecure')),
    tls_fingerprint          TEXT,
    tls_ca_pem               TEXT,
    phone_networks           TEXT    NOT NULL,  -- JSON array of CIDR texts
    phone_http_port          INTEGER NOT NULL,
    phone_https_port         INTEGER NOT NULL,
    authentication_http_port INTEGER NOT NULL,
    emergency_numbers        TEXT    NOT NULL DEFAULT '["112","911","999","000","110","113","115","117","118","119"]',
    axl_version              TEXT,              -- schema found by the last successful request
    product_version          TEXT,
    created_at               INTEGER NOT NULL,
    updated_at               INTEGER NOT NULL,
    synced_at                INTEGER,           -- end of the last successful sync
    CHECK ((control_username IS NULL) = (control_password IS NULL))
) STRICT;

CREATE TABLE event (
    id           INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    user_id      INTEGER,                       -- no reference: the trail outlives people and phones
    user_name    TEXT    NOT NULL,
    via          TEXT    NOT NULL CHECK (via IN ('browser', 'api', 'command', 'system')),
    address      TEXT    NOT NULL DEFAULT '',
    action       TEXT    NOT NULL,
    cluster_id   INTEGER,
    cluster_name TEXT    NOT NULL DEFAULT '',
    phone_id     INTEGER,
    phone_name   TEXT    NOT NULL DEFAULT '',
    detail       TEXT    NOT NULL DEFAULT '',
    outcome      TEXT    NOT NULL,              -- 'started' before the act, then 'done', 'refused' or 'failed'
    cause        TEXT,
    duration_ms  INTEGER
) STRICT;

CREATE INDEX event_at ON event (at);

CREATE INDEX event_phone ON event (phone_id, id);

CREATE INDEX event_user ON event (user_id, id);

CREATE TABLE job (
    id          INTEGER PRIMARY KEY,
    kind        TEXT    NOT NULL,               -- 'sync'
    cluster_id  INTEGER REFERENCES cluster (id) ON DELETE CASCADE,
    state       TEXT    NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'partly-failed', 'failed', 'cancelled')),
    phase       TEXT    NOT NULL DEFAULT '',    -- what is being done now, in words
    total       INTEGER NOT NULL DEFAULT 0,
    done        INTEGER NOT NULL DEFAULT 0,
    failed      INTEGER NOT NULL DEFAULT 0,
    error       TEXT,
    cause       TEXT,
    created_by  TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    started_at  INTEGER,
    finished_at INTEGER
) STRICT;

CREATE UNIQUE INDEX job_one_sync ON job (cluster_id) WHERE kind = 'sync' AND state IN ('queued', 'running');

CREATE TABLE phone (
    id               INTEGER PRIMARY KEY,
    cluster_id       INTEGER NOT NULL REFERENCES cluster (id) ON DELETE CASCADE,
    name             TEXT    NOT NULL,          -- device name, or the address of a phone known only by it
    by_address       INTEGER NOT NULL DEFAULT 0,
    description      TEXT    NOT NULL DEFAULT '',
    model            TEXT    NOT NULL DEFAULT '',
    model_number     INTEGER,
    protocol         TEXT    NOT NULL DEFAULT 'unknown',
    owner            TEXT    NOT NULL DEFAULT '',
    device_pool      TEXT    NOT NULL DEFAULT '',
    location         TEXT    NOT NULL DEFAULT '',
    status           TEXT    NOT NULL DEFAULT 'unknown',
    status_reason    INTEGER,
    status_at        INTEGER,                   -- when RIS last told about it
    address          TEXT,
    node             TEXT    NOT NULL DEFAULT '',
    web_server       TEXT    NOT NULL DEFAULT 'unknown',
    firmware         TEXT    NOT NULL DEFAULT '',
    serial           TEXT    NOT NULL DEFAULT '',
    switch_name      TEXT    NOT NULL DEFAULT '',
    switch_port      TEXT    NOT NULL DEFAULT '',
    readiness        TEXT    NOT NULL DEFAULT 'unknown',
    readiness_cause  TEXT,
    readiness_at     INTEGER,
    screenshot_scheme TEXT,                     -- the way that last gave a picture
    screenshot_path  TEXT,
    screenshot_render_first INTEGER,
    sort_dn          TEXT    NOT NULL DEFAULT '',
    sync_generation  INTEGER NOT NULL DEFAULT 0,
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    UNIQUE (cluster_id, name)
) STRICT;

CREATE INDEX phone_address ON phone (address);

CREATE INDEX phone_description ON phone (description COLLATE NOCASE);

CREATE INDEX phone_dn ON phone (sort_dn COLLATE NOCASE);

CREATE INDEX phone_model ON phone (model);

CREATE INDEX phone_name ON phone (name COLLATE NOCASE);

CREATE INDEX phone_owner ON phone (owner COLLATE NOCASE);

CREATE INDEX phone_readiness ON phone (readiness);

CREATE INDEX phone_status ON phone (status, model);

CREATE INDEX phone_updated ON phone (updated_at);

CREATE TABLE phone_fact (
    phone_id INTEGER NOT NULL REFERENCES phone (id) ON DELETE CASCADE,
    name     TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    read_at  INTEGER NOT NULL,
    PRIMARY KEY (phone_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE phone_line (
    phone_id  INTEGER NOT NULL REFERENCES phone (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    dn        TEXT    NOT NULL,
    partition TEXT    NOT NULL DEFAULT '',
    label     TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (phone_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX phone_line_dn ON phone_line (dn COLLATE NOCASE);

CREATE VIRTUAL TABLE phone_search USING fts5 (body, content='', contentless_delete=1, tokenize='trigram');

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

CREATE TABLE session (
    token_hash   BLOB    PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    csrf_token   TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_user ON session (user_id);

CREATE TABLE setup_link (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    token_hash BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE user (
    id            INTEGER PRIMARY KEY,
    name          TEXT    NOT NULL,
    name_key      TEXT    NOT NULL UNIQUE,      -- the name in lower case: NOCASE knows ASCII only
    role          TEXT    NOT NULL CHECK (role IN ('supervisor', 'helpdesk', 'admin')),
    limited       INTEGER NOT NULL DEFAULT 0 CHECK (limited IN (0, 1)),
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER
) STRICT;

CREATE TABLE user_cluster (
    user_id    INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    cluster_id INTEGER NOT NULL REFERENCES cluster (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, cluster_id)
) STRICT, WITHOUT ROWID;

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
