-- Version 2. Frozen: a store of this version is in tests/vectors/vault/v2, and later versions migrate it.

-- Records: what the person marked, as lists need it; both follow from `marks`.
ALTER TABLE records ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0;       -- 1 trashed, 2 replaced, 3 both
ALTER TABLE records ADD COLUMN favourite INTEGER NOT NULL DEFAULT 0;
CREATE INDEX records_hidden ON records (hidden) WHERE hidden <> 0;
CREATE INDEX records_favourite ON records (seq) WHERE favourite = 1;

ALTER TABLE revisions ADD COLUMN origins TEXT;  -- JSON object: where members come from that have a source of their own
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

-- What current revisions are found by. All of it follows from their bodies and the schemas that are known.
CREATE TABLE record_keys (
    record INTEGER PRIMARY KEY REFERENCES records (seq) ON DELETE CASCADE,
    key BLOB NOT NULL,              -- what the record is about: records with the same are compared
    content BLOB NOT NULL           -- what it says
) STRICT;
CREATE INDEX record_keys_key ON record_keys (key);

CREATE TABLE record_dates (
    record INTEGER NOT NULL REFERENCES records (seq) ON DELETE CASCADE,
    member TEXT NOT NULL,           -- JSON pointer
    date TEXT NOT NULL,             -- YYYY-MM-DD
    remind TEXT NOT NULL,           -- YYYY-MM-DD: from when on to remind
    PRIMARY KEY (record, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX record_dates_remind ON record_dates (remind);

-- Changes of kinds that this build does not know, for one that does.
CREATE TABLE deferred (
    digest BLOB PRIMARY KEY,        -- SHA-256 of `encoded`
    record BLOB,                    -- records.id, where it is about one
    encoded BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deferred_record ON deferred (record);

-- Which schemas the tables above and the titles were made with; other schemas make them anew.
ALTER TABLE store ADD COLUMN derived_with BLOB NOT NULL DEFAULT x'';

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
