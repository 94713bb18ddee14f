-- What the background pass learnt of a phone besides its readiness.
ALTER TABLE phone ADD COLUMN looked_at INTEGER;                         -- the pass's last try, whatever came of it
ALTER TABLE phone ADD COLUMN settings_access TEXT NOT NULL DEFAULT '';  -- '', 'enabled', 'restricted' or 'disabled', as CUCM has it
ALTER TABLE phone ADD COLUMN authentication_url TEXT NOT NULL DEFAULT ''; -- the device's own, as CUCM has it
CREATE INDEX phone_looked ON phone (cluster_id, looked_at);
-- The readiness page counts 200,000 phones from this alone.
CREATE INDEX phone_readiness_groups ON phone (cluster_id, readiness, readiness_cause, model, device_pool);

-- Every change of a phone's readiness, whoever noticed it.
CREATE TABLE readiness_change (
    id         INTEGER PRIMARY KEY,
    phone_id   INTEGER NOT NULL REFERENCES phone (id) ON DELETE CASCADE,
    at         INTEGER NOT NULL,
    from_state TEXT    NOT NULL,
    from_cause TEXT,
    to_state   TEXT    NOT NULL,
    to_cause   TEXT
) STRICT;
CREATE INDEX readiness_change_at ON readiness_change (at);
CREATE INDEX readiness_change_phone ON readiness_change (phone_id);

CREATE TRIGGER phone_readiness_changed AFTER UPDATE OF readiness, readiness_cause ON phone
WHEN OLD.readiness <> NEW.readiness OR OLD.readiness_cause IS NOT NEW.readiness_cause
BEGIN
    INSERT INTO readiness_change (phone_id, at, from_state, from_cause, to_state, to_cause)
    VALUES (
        NEW.id, COALESCE(NEW.readiness_at, NEW.updated_at),
        OLD.readiness, OLD.readiness_cause, NEW.readiness, NEW.readiness_cause
    );
END;

-- How many phones were how, one row a day (days since 1970-01-01, UTC); the day's last count stays.
CREATE TABLE readiness_day (
    day        INTEGER NOT NULL,
    cluster_id INTEGER NOT NULL REFERENCES cluster (id) ON DELETE CASCADE,
    state      TEXT    NOT NULL,
    cause      TEXT    NOT NULL DEFAULT '',
    phones     INTEGER NOT NULL,
    PRIMARY KEY (day, cluster_id, state, cause)
) STRICT, WITHOUT ROWID;

-- What the pass saw of the cluster itself.
CREATE TABLE cluster_health (
    cluster_id                INTEGER PRIMARY KEY REFERENCES cluster (id) ON DELETE CASCADE,
    seen_at                   INTEGER NOT NULL,
    certificate_subject       TEXT,
    certificate_not_after     INTEGER,           -- unix seconds
    authentication_url        TEXT,
    secure_authentication_url TEXT
) STRICT;
