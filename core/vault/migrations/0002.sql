-- Version 2. Not released: it may change until it is, and then a store of it is frozen in tests/vectors/vault/v2.

-- Records: what the person marked, as lists need it; both follow from `marks`.
ALTER TABLE records ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;       -- 1 trashed, 2 replaced, 3 both
ALTER TABLE records ADD COLUMN favourite INTEGER NOT NULL DEFAULT 0;
CREATE INDEX records_hidden ON records (hidden) WHERE hidden <> 0;
CREATE INDEX records_favourite ON records (seq) WHERE favourite = 1;

CREATE INDEX revisions_of_schema ON revisions (schema, time) WHERE state = 2;

-- What the person notes about a record besides its content. The record may arrive later.
CREATE TABLE marks (
    seq INTEGER PRIMARY KEY,
    record BLOB NOT NULL,           -- records.id
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,          -- a member, another record's id, or '' for the record as a whole
    other BLOB,                     -- records.id of the other record that it is about
    value TEXT,                     -- JSON; NULL: taken back
    time BLOB NOT NULL,
    UNIQUE (record, kind, subject)
) STRICT;
CREATE INDEX marks_other ON marks (other) WHERE other IS NOT NULL;

-- The full-text index, in parts of 16,384 records: tables search_0, heads_0, search_1, … of FTS5, made with a part's first record.
DROP TABLE search;
CREATE TABLE search_parts (
    part INTEGER PRIMARY KEY,       -- records.seq / 16384
    first_ms INTEGER NOT NULL,      -- not later than the hybrid time of any current revision in it
    last_ms INTEGER NOT NULL        -- not earlier than that
) STRICT;

-- Files: their own time, and the small picture that an app gives.
ALTER TABLE files ADD COLUMN modified_ms INTEGER;   -- when the file was last changed before it was attached, where known
CREATE TABLE thumbnails (
    file INTEGER PRIMARY KEY REFERENCES files (seq) ON DELETE CASCADE,
    time BLOB NOT NULL,             -- hybrid time: of two, the one set later stays
    media_type TEXT NOT NULL,
    bytes BLOB NOT NULL             -- at most 64 KiB
) STRICT;
