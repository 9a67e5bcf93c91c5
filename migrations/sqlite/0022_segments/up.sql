-- Named groups of customers: a list of members, or a rule.
CREATE TABLE segments (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    colour TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('static', 'dynamic')),
    shared BOOLEAN NOT NULL,
    owner_id TEXT NOT NULL REFERENCES users (id),
    -- JSON: the rule of a dynamic one
    filter TEXT,
    -- When the members of a dynamic one were last written down, and how many they were.
    recorded_at BIGINT,
    recorded BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK ((kind = 'dynamic') = (filter IS NOT NULL)),
    UNIQUE (owner_id, name)
);
CREATE INDEX segments_shared ON segments (shared, name, id);

-- Who was a member from which day to which: of a static one the members, of a dynamic one what was written down.
CREATE TABLE segment_members (
    segment_id TEXT NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    customer_id TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    since INTEGER NOT NULL,
    -- The first day without; NULL: still a member
    until INTEGER,
    CHECK (until > since),
    PRIMARY KEY (segment_id, customer_id, since)
) WITHOUT ROWID;
CREATE UNIQUE INDEX segment_members_now ON segment_members (segment_id, customer_id) WHERE until IS NULL;
CREATE INDEX segment_members_since ON segment_members (segment_id, since, customer_id);
CREATE INDEX segment_members_until ON segment_members (segment_id, until, customer_id) WHERE until IS NOT NULL;
CREATE INDEX segment_members_customer ON segment_members (customer_id);
