-- What records are found by, as tokens that the program makes: crates/domain/src/search.rs.
CREATE TABLE search_entries (
    record_id TEXT COLLATE "C" PRIMARY KEY,
    record_type TEXT COLLATE "C" NOT NULL,
    tokens TSVECTOR NOT NULL
);
CREATE INDEX search_entries_tokens ON search_entries USING GIN (tokens);

-- How far each record type is indexed; the program fills what is missing when it starts.
CREATE TABLE search_state (
    record_type TEXT COLLATE "C" PRIMARY KEY,
    version INTEGER NOT NULL,
    -- the last record that is indexed; NULL when all are
    reached TEXT COLLATE "C"
);

ALTER TABLE customers DROP COLUMN search_text;
ALTER TABLE contacts DROP COLUMN search_text;
ALTER TABLE products DROP COLUMN search_text;
ALTER TABLE tickets DROP COLUMN search_text;
