-- How people like to see a list.
CREATE TABLE saved_views (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    record TEXT NOT NULL,
    name TEXT NOT NULL,
    owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    shared BOOLEAN NOT NULL,
    -- JSON: what else people set
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (owner_id, record, name)
);
CREATE INDEX saved_views_shared ON saved_views (record, shared);

-- What a view is to somebody.
CREATE TABLE view_marks (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    view_id TEXT NOT NULL REFERENCES saved_views (id) ON DELETE CASCADE,
    record TEXT NOT NULL,
    pinned BOOLEAN NOT NULL,
    is_default BOOLEAN NOT NULL,
    PRIMARY KEY (user_id, view_id)
);
CREATE UNIQUE INDEX view_marks_default ON view_marks (user_id, record) WHERE is_default;
CREATE INDEX view_marks_view ON view_marks (view_id);
