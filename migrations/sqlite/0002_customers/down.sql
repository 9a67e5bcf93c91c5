DROP TABLE customer_metrics;
DROP TABLE customer_days;
DROP TABLE contacts;
DROP TABLE customer_evaluations;
DROP TABLE customers;
