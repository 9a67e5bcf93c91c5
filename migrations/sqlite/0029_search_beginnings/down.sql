DROP TABLE search_index;
CREATE VIRTUAL TABLE search_index USING fts5 (tokens, content = '', contentless_delete = 1, detail = none, prefix = '3 4 5', tokenize = 'ascii');
DELETE FROM search_state;
