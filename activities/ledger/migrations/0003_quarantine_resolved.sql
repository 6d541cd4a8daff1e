-- A refused record that was read after all, or that a newer report has overtaken, is kept and listed no more.
ALTER TABLE quarantine ADD COLUMN resolved_ms bigint;
ALTER TABLE quarantine ADD COLUMN resolution text;
CREATE INDEX quarantine_open ON quarantine (id) WHERE resolved_ms IS NULL;
