-- Version 1. Frozen: a store of this version is in tests/vectors/vault/v1, and later versions migrate it.

CREATE TABLE store (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    generation INTEGER NOT NULL,    -- counts commits
    node INTEGER NOT NULL,          -- random: whose hybrid times these are
    wall_ms INTEGER NOT NULL,       -- the last hybrid time given out or seen
    counter INTEGER NOT NULL
) STRICT;
INSERT INTO store VALUES (1, 0, random(), 0, 0);

CREATE TABLE records (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE revisions (
    seq INTEGER PRIMARY KEY,
    record INTEGER NOT NULL REFERENCES records (seq) ON DELETE CASCADE,
    state INTEGER NOT NULL,         -- 0 superseded, 1 contending, 2 current
    revision INTEGER NOT NULL,
    time BLOB NOT NULL,             -- hybrid time, 20 bytes
    parents BLOB NOT NULL,          -- hybrid times, one after the other
    schema TEXT NOT NULL,
    area TEXT NOT NULL,
    source INTEGER NOT NULL,        -- 0 self-asserted, 1 imported, 2 delivered
    organisation TEXT,              -- who delivered
    title TEXT NOT NULL,
    tags TEXT NOT NULL,             -- JSON array
    provenance TEXT NOT NULL,       -- JSON object
    body TEXT NOT NULL,             -- JSON object
    UNIQUE (record, time)
) STRICT;
CREATE UNIQUE INDEX revisions_current ON revisions (record) WHERE state = 2;
CREATE INDEX revisions_contending ON revisions (record, time) WHERE state = 1;
CREATE INDEX revisions_listed ON revisions (time) WHERE state = 2;

CREATE TABLE tombstones (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    time BLOB NOT NULL
) STRICT;

CREATE TABLE files (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size INTEGER NOT NULL,
    digest BLOB NOT NULL,           -- SHA-256
    created_ms INTEGER NOT NULL,
    bound INTEGER NOT NULL          -- 1 once a record has had it, or another device sent it
) STRICT;
CREATE INDEX files_unbound ON files (seq) WHERE bound = 0;

CREATE TABLE chunks (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    size INTEGER NOT NULL           -- of the plaintext
) STRICT;

CREATE TABLE file_chunks (
    file INTEGER NOT NULL REFERENCES files (seq) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    chunk INTEGER NOT NULL REFERENCES chunks (seq),
    PRIMARY KEY (file, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_chunks_chunk ON file_chunks (chunk);

CREATE TABLE revision_files (
    revision INTEGER NOT NULL REFERENCES revisions (seq) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    file BLOB NOT NULL,             -- files.id; the file may arrive later
    PRIMARY KEY (revision, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX revision_files_file ON revision_files (file);

-- Chunks that nothing refers to any more, until they are gone from the disk.
CREATE TABLE garbage (id BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

CREATE TABLE kept (
    seq INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB,                     -- NULL: forgotten
    time BLOB NOT NULL,
    UNIQUE (collection, key)
) STRICT;

-- What this vault wrote, in order; what came from other devices is not here.
CREATE TABLE changes (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    kind INTEGER NOT NULL,          -- 1 revision, 2 tombstone, 3 kept, 4 file
    object INTEGER NOT NULL,        -- seq in the table of that kind
    UNIQUE (kind, object)
) STRICT;

CREATE VIRTUAL TABLE search USING fts5 (title, text, labels, tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO search (search, rank) VALUES ('secure-delete', 1), ('rank', 'bm25(4.0, 1.0, 2.0)');
