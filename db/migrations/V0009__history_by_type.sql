-- How long the last runs of a type took tells when the next one may start.
create index operations_completed_by_type on operations (type, completed_at desc)
  where status = 'completed';
