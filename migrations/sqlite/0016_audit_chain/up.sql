-- The audit trail becomes a chain: each entry carries the hash of the one before it in its lane.
ALTER TABLE audit_entries ADD COLUMN key_id TEXT;
ALTER TABLE audit_entries ADD COLUMN key_name TEXT;
ALTER TABLE audit_entries ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
-- From 1 in each lane, without gaps.
ALTER TABLE audit_entries ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
-- SHA-256, hexadecimal. Empty only between this migration and the first start after it.
ALTER TABLE audit_entries ADD COLUMN hash TEXT NOT NULL DEFAULT '';

UPDATE audit_entries SET number = counted.number
FROM (SELECT id, row_number() OVER (ORDER BY at, id) AS number FROM audit_entries) AS counted
WHERE counted.id = audit_entries.id;
CREATE UNIQUE INDEX audit_entries_chain ON audit_entries (lane, number);

-- The last entry of each lane. There is one writer here, so one lane.
CREATE TABLE audit_lanes (
    lane INTEGER PRIMARY KEY,
    number BIGINT NOT NULL,
    -- empty: the entries from before the chain are still to be chained
    hash TEXT NOT NULL
);
INSERT INTO audit_lanes (lane, number, hash) VALUES (0, 0, '');

CREATE TRIGGER audit_entries_unchanged BEFORE UPDATE ON audit_entries WHEN old.hash <> ''
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit trail are never changed');
END;
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries
BEGIN
    SELECT RAISE(ABORT, 'entries of the audit trail are never deleted');
END;
