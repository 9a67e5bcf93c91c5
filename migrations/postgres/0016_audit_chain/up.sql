-- The audit trail becomes a chain: each entry carries the hash of the one before it in its lane.
ALTER TABLE audit_entries
    ADD COLUMN key_id TEXT COLLATE "C",
    ADD COLUMN key_name TEXT COLLATE "C",
    ADD COLUMN lane INTEGER NOT NULL DEFAULT 0,
    -- From 1 in each lane, without gaps.
    ADD COLUMN number BIGINT NOT NULL DEFAULT 0,
    -- SHA-256, hexadecimal. Empty only between this migration and the first start after it.
    ADD COLUMN hash TEXT COLLATE "C" NOT NULL DEFAULT '';

UPDATE audit_entries SET number = counted.number
FROM (SELECT id, row_number() OVER (ORDER BY at, id) AS number FROM audit_entries) AS counted
WHERE counted.id = audit_entries.id;
CREATE UNIQUE INDEX audit_entries_chain ON audit_entries (lane, number);

-- The last entry of each lane: more lanes than a few replicas have writers, so that none waits for another. Half of each page stays
-- empty, so that a changed row finds place beside the old one and no index has to be written.
CREATE TABLE audit_lanes (
    lane INTEGER PRIMARY KEY,
    number BIGINT NOT NULL,
    -- empty: the entries from before the chain are still to be chained
    hash TEXT COLLATE "C" NOT NULL
) WITH (fillfactor = 50);
INSERT INTO audit_lanes (lane, number, hash)
SELECT lane, 0, CASE lane WHEN 0 THEN '' ELSE repeat('0', 64) END FROM generate_series(0, 31) AS lane;

CREATE FUNCTION audit_entries_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit trail are never changed or deleted';
END
$$;
CREATE TRIGGER audit_entries_unchanged BEFORE UPDATE ON audit_entries
    FOR EACH ROW WHEN (old.hash <> '') EXECUTE FUNCTION audit_entries_stay();
CREATE TRIGGER audit_entries_kept BEFORE DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_stay();
CREATE TRIGGER audit_entries_not_emptied BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_stay();
