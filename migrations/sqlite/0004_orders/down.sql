DROP TABLE order_transitions;
DROP TABLE order_lines;
DROP TABLE orders;
