-- What begins with one or two letters has tokens of its own now; the program makes all anew when it starts. Beginnings of
-- three characters are left, after the two letters of a token's record type and sort.
DROP TABLE search_index;
CREATE VIRTUAL TABLE search_index USING fts5 (tokens, content = '', contentless_delete = 1, detail = none, prefix = '5', tokenize = 'ascii');
DELETE FROM search_state;
