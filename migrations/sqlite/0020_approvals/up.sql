-- What one person asks for and another decides.
CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    record_type TEXT NOT NULL,
    record_id TEXT NOT NULL,
    -- what the record was called when it was asked
    subject TEXT NOT NULL,
    -- JSON: what is asked for, and what it was asked of
    payload TEXT NOT NULL,
    basis TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'rejected', 'withdrawn', 'expired')),
    requested_by TEXT NOT NULL REFERENCES users (id),
    requested_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    decided_by TEXT REFERENCES users (id),
    decided_at BIGINT,
    note TEXT,
    -- who asks does not decide
    CHECK (decided_by <> requested_by),
    CHECK ((decided_by IS NOT NULL) = (state IN ('approved', 'rejected'))),
    CHECK ((decided_at IS NULL) = (state = 'pending'))
);
CREATE UNIQUE INDEX approvals_pending ON approvals (kind, record_id) WHERE state = 'pending';
CREATE INDEX approvals_requested ON approvals (requested_at, id);
CREATE INDEX approvals_state ON approvals (state, requested_at, id);
CREATE INDEX approvals_by ON approvals (requested_by, requested_at, id);
CREATE INDEX approvals_record ON approvals (record_id, requested_at, id);
CREATE INDEX approvals_decided_by ON approvals (decided_by);
