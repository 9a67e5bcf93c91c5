CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    number TEXT NOT NULL UNIQUE,
    customer_id TEXT NOT NULL REFERENCES customers (id),
    contact_id TEXT REFERENCES contacts (id) ON DELETE SET NULL,
    owner_id TEXT REFERENCES users (id),
    department_id TEXT REFERENCES departments (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'confirmed', 'partly_shipped', 'shipped', 'delivered', 'completed', 'cancelled')),
    ordered_at BIGINT NOT NULL,
    -- minor units
    total BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    margin BIGINT NOT NULL,
    line_count INTEGER NOT NULL,
    payment_terms TEXT,
    promised_on INTEGER,
    ship_to TEXT,
    note TEXT,
    cancel_reason TEXT,
    -- the import that made it
    import_id TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    CHECK ((state = 'cancelled') = (cancel_reason IS NOT NULL))
);
CREATE INDEX orders_customer ON orders (customer_id, ordered_at, id);
CREATE INDEX orders_ordered ON orders (ordered_at, id);
CREATE INDEX orders_owner ON orders (owner_id, ordered_at, id);
CREATE INDEX orders_department ON orders (department_id, ordered_at, id);
CREATE INDEX orders_state ON orders (state, ordered_at, id);
CREATE INDEX orders_contact ON orders (contact_id);

CREATE TABLE order_lines (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    product_id TEXT REFERENCES products (id),
    description TEXT NOT NULL,
    -- thousandths of the unit
    quantity BIGINT NOT NULL CHECK (quantity <> 0),
    -- ten-thousandths of the currency unit
    unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
    -- minor units
    discount BIGINT NOT NULL CHECK (discount >= 0),
    total BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    -- the row of a file that it came from, so that no row is imported twice
    import_id TEXT,
    import_row BIGINT,
    UNIQUE (order_id, position),
    UNIQUE (import_id, import_row)
);
CREATE INDEX order_lines_product ON order_lines (product_id);

CREATE TABLE order_transitions (
    id TEXT PRIMARY KEY,
    order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    from_state TEXT,
    to_state TEXT NOT NULL,
    at BIGINT NOT NULL,
    by_id TEXT,
    by_name TEXT NOT NULL,
    reason TEXT
);
CREATE INDEX order_transitions_order ON order_transitions (order_id, at, id);
