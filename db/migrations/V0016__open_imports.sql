-- Imports that may have been broken off are looked for at every start and before every import: a
-- handful of lines among all there ever were. The predicate is that of the query.
create index audit_open_imports on audit (id) where action in ('data.importing', 'data.replacing');
