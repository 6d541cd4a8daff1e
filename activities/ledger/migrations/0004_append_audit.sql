-- Appends audit rows in one statement: one way to the database for what every step of a life does.
-- An id that is there already is left alone. `before_position` and `after_position` are the text that a row's hash commits
-- to, around the position that only the database knows.
--
-- The counter's row is locked until commit. That serialises appenders, and what is read after the lock is what they left.
CREATE FUNCTION append_audit(
  in_streams text[], in_ids text[], in_types text[], in_actors text[], in_times bigint[], in_finding_keys text[],
  in_workflow_ids text[], in_fields text[], in_body_digests text[], before_position text[], after_position text[],
  genesis text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  last_seq bigint;
  at_position bigint;
  previous text;
  link text;
BEGIN
  SELECT seq INTO last_seq FROM audit_counter WHERE one = 1 FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'ledger: the audit counter is gone: restore the database from a backup';
  END IF;
  FOR i IN 1 .. cardinality(in_ids) LOOP
    CONTINUE WHEN EXISTS (SELECT FROM audit_rows WHERE id = in_ids[i]);
    SELECT position, hash INTO at_position, previous FROM audit_heads WHERE stream = in_streams[i];
    IF NOT FOUND THEN
      at_position := 0;
      previous := genesis;
    END IF;
    at_position := at_position + 1;
    last_seq := last_seq + 1;
    link := encode(
      sha256(convert_to(previous || before_position[i] || at_position || after_position[i], 'UTF8')), 'hex');
    INSERT INTO audit_rows (seq, stream, position, id, type, actor, at_ms, finding_key, workflow_id, fields,
      body_digest, previous_hash, hash)
    VALUES (last_seq, in_streams[i], at_position, in_ids[i], in_types[i], in_actors[i], in_times[i],
      in_finding_keys[i], in_workflow_ids[i], in_fields[i], in_body_digests[i], previous, link);
    INSERT INTO audit_heads (stream, position, hash) VALUES (in_streams[i], at_position, link)
    ON CONFLICT (stream) DO UPDATE SET position = excluded.position, hash = excluded.hash;
  END LOOP;
  UPDATE audit_counter SET seq = last_seq WHERE one = 1;
END
$$;
