-- What records are found by, as tokens that the program makes: crates/domain/src/search.rs.
CREATE TABLE search_entries (
    -- the rowid in search_index
    entry INTEGER PRIMARY KEY,
    record_id TEXT NOT NULL UNIQUE,
    record_type TEXT NOT NULL
);
-- Tokens begin with two letters: the record type's and the sort's. The short beginnings are those of one to three characters.
CREATE VIRTUAL TABLE search_index USING fts5 (tokens, content = '', contentless_delete = 1, detail = none, prefix = '3 4 5', tokenize = 'ascii');

-- How far each record type is indexed; the program fills what is missing when it starts.
CREATE TABLE search_state (
    record_type TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    -- the last record that is indexed; NULL when all are
    reached TEXT
);

ALTER TABLE customers DROP COLUMN search_text;
ALTER TABLE contacts DROP COLUMN search_text;
ALTER TABLE products DROP COLUMN search_text;
ALTER TABLE tickets DROP COLUMN search_text;
