-- Keys over SSH: the login that CUCM gives phones, sealed like the other logins, and the host key learned of each phone.
-- A user without a password is one who needs none (69xx).

ALTER TABLE cluster ADD COLUMN phone_ssh_port INTEGER NOT NULL DEFAULT 22;
ALTER TABLE cluster ADD COLUMN ssh_username TEXT;
ALTER TABLE cluster ADD COLUMN ssh_password BLOB CHECK (ssh_password IS NULL OR ssh_username IS NOT NULL);

CREATE TABLE phone_host_key (
    phone_id   INTEGER PRIMARY KEY REFERENCES phone (id) ON DELETE CASCADE,
    host_key   TEXT    NOT NULL,                -- SHA256:…, as ssh-keygen -l prints it
    learned_at INTEGER NOT NULL
) STRICT;
