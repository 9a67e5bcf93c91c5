DROP TABLE report_pins;
DROP TABLE reports;
