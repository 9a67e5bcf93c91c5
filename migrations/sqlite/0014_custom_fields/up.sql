-- Fields that administrators define while the program runs.
CREATE TABLE custom_fields (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    record TEXT NOT NULL,
    key TEXT NOT NULL,
    position INTEGER NOT NULL,
    -- JSON: all that people set
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (record, key)
);

-- JSON: values by key; a field without a value is left out.
ALTER TABLE customers ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';
ALTER TABLE contacts ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';
ALTER TABLE orders ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';
ALTER TABLE tickets ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';

ALTER TABLE dictionary_entries ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
