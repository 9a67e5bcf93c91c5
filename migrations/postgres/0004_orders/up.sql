CREATE TABLE orders (
    id TEXT COLLATE "C" PRIMARY KEY,
    version BIGINT NOT NULL,
    number TEXT COLLATE "C" NOT NULL UNIQUE,
    customer_id TEXT COLLATE "C" NOT NULL REFERENCES customers (id),
    contact_id TEXT COLLATE "C" REFERENCES contacts (id) ON DELETE SET NULL,
    owner_id TEXT COLLATE "C" REFERENCES users (id),
    department_id TEXT COLLATE "C" REFERENCES departments (id),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('draft', 'submitted', 'confirmed', 'partly_shipped', 'shipped', 'delivered', 'completed', 'cancelled')),
    ordered_at BIGINT NOT NULL,
    -- minor units
    total BIGINT NOT NULL,
    discount BIGINT NOT NULL,
    margin BIGINT NOT NULL,
    line_count INTEGER NOT NULL,
    payment_terms TEXT COLLATE "C",
    promised_on INTEGER,
    ship_to TEXT COLLATE "C",
    note TEXT COLLATE "C",
    cancel_reason TEXT COLLATE "C",
    -- the import that made it
    import_id TEXT COLLATE "C",
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
    id TEXT COLLATE "C" PRIMARY KEY,
    order_id TEXT COLLATE "C" NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    product_id TEXT COLLATE "C" REFERENCES products (id),
    description TEXT COLLATE "C" NOT NULL,
    -- thousandths of the unit
    quantity BIGINT NOT NULL CHECK (quantity <> 0),
    -- ten-thousandths of the currency unit
    unit_price BIGINT NOT NULL CHECK (unit_price >= 0),
    -- minor units
    discount BIGINT NOT NULL CHECK (discount >= 0),
    total BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    -- the row of a file that it came from, so that no row is imported twice
    import_id TEXT COLLATE "C",
    import_row BIGINT,
    UNIQUE (order_id, position),
    UNIQUE (import_id, import_row)
);
CREATE INDEX order_lines_product ON order_lines (product_id);

CREATE TABLE order_transitions (
    id TEXT COLLATE "C" PRIMARY KEY,
    order_id TEXT COLLATE "C" NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    from_state TEXT COLLATE "C",
    to_state TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    by_id TEXT COLLATE "C",
    by_name TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C"
);
CREATE INDEX order_transitions_order ON order_transitions (order_id, at, id);
