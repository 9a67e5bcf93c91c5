DROP TRIGGER audit_entries_not_emptied ON audit_entries;
DROP TRIGGER audit_entries_kept ON audit_entries;
DROP TRIGGER audit_entries_unchanged ON audit_entries;
DROP FUNCTION audit_entries_stay();
DROP TABLE audit_lanes;
DROP INDEX audit_entries_chain;
ALTER TABLE audit_entries
    DROP COLUMN hash,
    DROP COLUMN number,
    DROP COLUMN lane,
    DROP COLUMN key_name,
    DROP COLUMN key_id;
