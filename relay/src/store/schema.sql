-- Version 1 of the relay's database. Ids, keys, tags and hashes are the bytes of the API; times are Unix seconds UTC.
-- Tokens are here only as SHA-256. No row holds an address or a name, and none a time but an expiry.

CREATE TABLE vaults (
    vault    BLOB PRIMARY KEY,
    bytes    INTEGER NOT NULL DEFAULT 0, -- of blobs and log entries
    head     BLOB,
    head_tag BLOB
) WITHOUT ROWID;

CREATE TABLE devices (
    vault  BLOB NOT NULL REFERENCES vaults ON DELETE CASCADE,
    device BLOB NOT NULL,
    key    BLOB NOT NULL,
    PRIMARY KEY (vault, device)
) WITHOUT ROWID;

CREATE TABLE nonces (
    nonce   BLOB PRIMARY KEY,
    kind    TEXT NOT NULL, -- 'vault' or 'recovery'
    subject BLOB NOT NULL, -- its id
    expires INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE sessions (
    hash    BLOB PRIMARY KEY,
    vault   BLOB NOT NULL,
    device  BLOB NOT NULL,
    expires INTEGER NOT NULL,
    FOREIGN KEY (vault, device) REFERENCES devices ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX sessions_of_device ON sessions (vault, device);

CREATE TABLE blobs (
    vault BLOB NOT NULL REFERENCES vaults ON DELETE CASCADE,
    blob  BLOB NOT NULL,
    size  INTEGER NOT NULL,
    file  BLOB NOT NULL, -- name of the file that holds the bytes
    PRIMARY KEY (vault, blob)
) WITHOUT ROWID;

CREATE TABLE log_entries (
    vault  BLOB NOT NULL REFERENCES vaults ON DELETE CASCADE,
    device BLOB NOT NULL,
    number INTEGER NOT NULL, -- from 0
    body   BLOB NOT NULL,
    PRIMARY KEY (vault, device, number)
);

CREATE TABLE recovery (
    locator BLOB PRIMARY KEY,
    vault   BLOB NOT NULL REFERENCES vaults ON DELETE CASCADE,
    key     BLOB NOT NULL,
    blob    BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX recovery_of_vault ON recovery (vault);

CREATE TABLE recovery_sessions (
    hash    BLOB PRIMARY KEY,
    locator BLOB NOT NULL REFERENCES recovery ON DELETE CASCADE,
    expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX recovery_sessions_of_locator ON recovery_sessions (locator);

CREATE TABLE mailboxes (
    mailbox      BLOB PRIMARY KEY,
    send_hash    BLOB, -- NULL: nobody may send
    receive_hash BLOB NOT NULL,
    last         INTEGER NOT NULL DEFAULT 0, -- number of the last message accepted
    messages     INTEGER NOT NULL DEFAULT 0, -- waiting
    bytes        INTEGER NOT NULL DEFAULT 0  -- of those
) WITHOUT ROWID;

CREATE TABLE messages (
    mailbox BLOB NOT NULL REFERENCES mailboxes ON DELETE CASCADE,
    number  INTEGER NOT NULL, -- from 1
    body    BLOB NOT NULL,
    PRIMARY KEY (mailbox, number)
);

-- What a repeated send is told, also after the message was acknowledged.
CREATE TABLE sends (
    mailbox BLOB NOT NULL REFERENCES mailboxes ON DELETE CASCADE,
    key     BLOB NOT NULL,
    digest  BLOB NOT NULL,
    number  INTEGER NOT NULL,
    expires INTEGER NOT NULL, -- the end of a day
    PRIMARY KEY (mailbox, key)
) WITHOUT ROWID;

-- A closed or expired slot keeps its row for a while, without request and answer, so that it is told from an unknown one.
CREATE TABLE slots (
    slot       BLOB PRIMARY KEY,
    owner_hash BLOB NOT NULL,
    expires    INTEGER NOT NULL,
    request    TEXT,
    answer     BLOB
);
