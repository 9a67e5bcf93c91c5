//! Floors of the benchmark. Of orders: the rows of an order with three lines and nothing but their inserts. The audit entries are in no
//! chain: those databases are thrown away.

use diesel::connection::{DefaultLoadingMode, SimpleConnection};
use diesel::sql_types::Text;
use diesel::{QueryDsl, RunQueryDsl, SelectableHelper, sql_query};
use guanxi_domain::RawId;

use crate::schema::customer_metrics;
use crate::{AnyConnection, Result, Tx, metrics};

/// For pgbench: a draft, its lines, its first state, its audit entry and its event.
pub const ORDER_SQL: &str = "\
\\set customer random(1, 200)
BEGIN;
WITH head AS (
INSERT INTO orders (id, version, number, customer_id, state, ordered_at, total, discount, margin, line_count, created_at, updated_at)
SELECT gen_random_uuid()::text, 1, nextval('order_number_seq')::text || '-bench', (SELECT id FROM customers OFFSET :customer LIMIT 1), 'draft', 0, 1, 0, 1, 3, 0, 0
RETURNING id), lines AS (
INSERT INTO order_lines (id, order_id, position, description, quantity, unit_price, discount, total, cost)
SELECT gen_random_uuid()::text, head.id, n, 'a product of the bench', 2000, 199900, 0, 3998, 2000 FROM head, generate_series(1, 3) n)
INSERT INTO order_transitions (id, order_id, to_state, at, by_name)
SELECT gen_random_uuid()::text, id, 'draft', 0, 'bench' FROM head;
INSERT INTO audit_entries (id, at, user_name, ip, request_id, record_type, record_id, action, changes, lane, number)
VALUES (gen_random_uuid()::text, 0, 'bench', '127.0.0.1', 'bench', 'orders', 'bench', 'created', repeat('x', 1600), -1, nextval('order_number_seq'));
INSERT INTO outbox_events (id, at, kind, record_id, payload)
VALUES (gen_random_uuid()::text, 0, 'orders.created', 'bench', repeat('x', 1600));
COMMIT;
";

/// The same on SQLite, by prepared statements. Parameters stand in the order of their numbers: SQLite counts by appearance.
pub fn insert_order(tx: &mut Tx<'_>) -> Result<()> {
    let id = RawId::generate().as_str().to_owned();
    let line = || RawId::generate().as_str().to_owned();
    sql_query(
        "INSERT INTO orders (id, version, number, customer_id, state, ordered_at, total, discount, margin, line_count, created_at, updated_at) \
         VALUES ($1, 1, $1, (SELECT id FROM customers LIMIT 1), 'draft', 0, 1, 0, 1, 3, 0, 0)",
    )
    .bind::<Text, _>(&id)
    .execute(tx.connection)?;
    sql_query(
        "INSERT INTO order_lines (id, order_id, position, description, quantity, unit_price, discount, total, cost) VALUES \
         ($1, $2, 1, 'a product of the bench', 2000, 199900, 0, 3998, 2000), \
         ($3, $2, 2, 'a product of the bench', 2000, 199900, 0, 3998, 2000), \
         ($4, $2, 3, 'a product of the bench', 2000, 199900, 0, 3998, 2000)",
    )
    .bind::<Text, _>(line())
    .bind::<Text, _>(&id)
    .bind::<Text, _>(line())
    .bind::<Text, _>(line())
    .execute(tx.connection)?;
    sql_query("INSERT INTO order_transitions (id, order_id, to_state, at, by_name) VALUES ($1, $2, 'draft', 0, 'bench')")
        .bind::<Text, _>(line())
        .bind::<Text, _>(&id)
        .execute(tx.connection)?;
    let changes = "x".repeat(1600);
    sql_query(
        "INSERT INTO audit_entries (id, at, user_name, ip, request_id, record_type, record_id, action, changes, lane, number) \
         SELECT $1, 0, 'bench', '127.0.0.1', 'bench', 'orders', $2, 'created', $3, -1, coalesce(max(number), 0) + 1 \
         FROM audit_entries WHERE lane = -1",
    )
    .bind::<Text, _>(line())
    .bind::<Text, _>(&id)
    .bind::<Text, _>(&changes)
    .execute(tx.connection)?;
    sql_query("INSERT INTO outbox_events (id, at, kind, record_id, payload) VALUES ($1, 0, 'orders.created', $2, $3)")
        .bind::<Text, _>(line())
        .bind::<Text, _>(&id)
        .bind::<Text, _>(&changes)
        .execute(tx.connection)?;
    Ok(())
}

/// Runs statements as they stand: how the benchmark fills its tables.
pub fn execute(tx: &mut Tx<'_>, statements: &str) -> Result<()> {
    Ok(tx.connection.batch_execute(statements)?)
}

/// The indexes of tables, but for those that are constraints: their names, and the statements that make them.
pub fn indexes(connection: &mut AnyConnection, tables: &[&str]) -> Result<Vec<(String, String)>> {
    #[derive(diesel::QueryableByName)]
    struct Index {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        statement: String,
    }

    let of_table = match connection {
        AnyConnection::Sqlite(_) => {
            "SELECT name, sql AS statement FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = $1"
        }
        AnyConnection::Postgres(_) => {
            "SELECT CAST(indexname AS TEXT) AS name, indexdef AS statement FROM pg_indexes \
             WHERE tablename = $1 AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        }
    };
    let mut all = Vec::new();
    for table in tables {
        let found: Vec<Index> = sql_query(of_table)
            .bind::<Text, _>(*table)
            .load(connection)?;
        all.extend(found.into_iter().map(|index| (index.name, index.statement)));
    }
    Ok(all)
}

/// Reads all customers' figures one after the other, and nothing else; how many rows, and their sales.
pub fn read_metrics(connection: &mut AnyConnection) -> Result<(usize, i128)> {
    let (mut rows, mut sales) = (0, 0);
    per_backend!(connection, c => {
        let all = customer_metrics::table.select(metrics::Row::as_select());
        for row in all.load_iter::<metrics::Row, DefaultLoadingMode>(c)? {
            rows += 1;
            sales += i128::from(row?.sales.0);
        }
    });
    Ok((rows, sales))
}
