CREATE TABLE tickets (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    number TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN ('inquiry', 'complaint', 'quality_dispute', 'repair', 'return', 'suggestion')),
    channel TEXT NOT NULL CHECK (channel IN ('phone', 'email', 'portal', 'wechat', 'visit', 'import')),
    priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    -- 0 low to 3 urgent, to sort by
    priority_rank SMALLINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'open', 'waiting', 'resolved', 'closed')),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    contact_id TEXT REFERENCES contacts (id) ON DELETE SET NULL,
    order_id TEXT REFERENCES orders (id) ON DELETE SET NULL,
    product_id TEXT REFERENCES products (id) ON DELETE SET NULL,
    subject TEXT NOT NULL,
    description TEXT,
    team TEXT,
    -- JSON: ["…"]
    tags TEXT NOT NULL,
    first_responder_id TEXT REFERENCES users (id),
    owner_id TEXT REFERENCES users (id),
    -- who answers for it until another person has taken over (首问责任制)
    responsible_id TEXT REFERENCES users (id),
    created_by_id TEXT REFERENCES users (id),
    department_id TEXT REFERENCES departments (id),
    first_response_at BIGINT,
    resolved_at BIGINT,
    closed_at BIGINT,
    reopened INTEGER NOT NULL DEFAULT 0,
    search_text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX tickets_created ON tickets (created_at, id);
CREATE INDEX tickets_customer ON tickets (customer_id, created_at, id);
CREATE INDEX tickets_owner ON tickets (owner_id, state, created_at, id);
CREATE INDEX tickets_created_by ON tickets (created_by_id, created_at, id);
CREATE INDEX tickets_priority ON tickets (priority_rank, id);
CREATE INDEX tickets_department ON tickets (department_id, created_at, id);
CREATE INDEX tickets_state ON tickets (state, created_at, id);
CREATE INDEX tickets_contact ON tickets (contact_id);
CREATE INDEX tickets_order ON tickets (order_id);
CREATE INDEX tickets_product ON tickets (product_id);

CREATE TABLE ticket_comments (
    id TEXT PRIMARY KEY,
    ticket_id TEXT NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('public', 'internal', 'event')),
    author_id TEXT,
    author_name TEXT NOT NULL,
    body TEXT NOT NULL,
    -- JSON: {field: {old, new}}
    changes TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX ticket_comments_ticket ON ticket_comments (ticket_id, created_at, id);
