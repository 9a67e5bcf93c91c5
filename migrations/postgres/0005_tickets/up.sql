CREATE TABLE tickets (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('inquiry', 'complaint', 'quality_dispute', 'repair', 'return', 'suggestion')),
    channel TEXT COLLATE "C" NOT NULL CHECK (channel IN ('phone', 'email', 'portal', 'wechat', 'visit', 'import')),
    priority TEXT COLLATE "C" NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    -- 0 low to 3 urgent, to sort by
    priority_rank SMALLINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('new', 'open', 'waiting', 'resolved', 'closed')),
    customer_id TEXT COLLATE "C" NOT NULL REFERENCES customers (id),
    contact_id TEXT COLLATE "C" REFERENCES contacts (id) ON DELETE SET NULL,
    order_id TEXT COLLATE "C" REFERENCES orders (id) ON DELETE SET NULL,
    product_id TEXT COLLATE "C" REFERENCES products (id) ON DELETE SET NULL,
    subject TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C",
    team TEXT COLLATE "C",
    -- JSON: ["…"]
    tags TEXT COLLATE "C" NOT NULL,
    first_responder_id TEXT COLLATE "C" REFERENCES users (id),
    owner_id TEXT COLLATE "C" REFERENCES users (id),
    -- who answers for it until another person has taken over (首问责任制)
    responsible_id TEXT COLLATE "C" REFERENCES users (id),
    created_by_id TEXT COLLATE "C" REFERENCES users (id),
    department_id TEXT COLLATE "C" REFERENCES departments (id),
    first_response_at BIGINT,
    resolved_at BIGINT,
    closed_at BIGINT,
    reopened INTEGER NOT NULL DEFAULT 0,
    search_text TEXT COLLATE "C" NOT NULL,
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
    id TEXT COLLATE "C" PRIMARY KEY,
    ticket_id TEXT COLLATE "C" NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('public', 'internal', 'event')),
    author_id TEXT COLLATE "C",
    author_name TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    -- JSON: {field: {old, new}}
    changes TEXT COLLATE "C",
    created_at BIGINT NOT NULL
);
CREATE INDEX ticket_comments_ticket ON ticket_comments (ticket_id, created_at, id);
