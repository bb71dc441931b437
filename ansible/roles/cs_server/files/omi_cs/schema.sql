-- Queue and audit log of the CS servers. Run by the database's owner; a second run changes nothing.
-- The service signs in as shared_cs_app, which owns nothing: it can neither change what is in the audit log nor take it
-- away, and sees the rows of the one city that its transaction is for (cs.city), whatever it asks.
BEGIN;

CREATE SCHEMA IF NOT EXISTS cs;

CREATE TABLE IF NOT EXISTS cs.message (
  city text NOT NULL,
  id text NOT NULL CHECK (length(id) BETWEEN 1 AND 64),
  number bigint GENERATED ALWAYS AS IDENTITY,
  content text NOT NULL,
  accepted timestamptz NOT NULL DEFAULT now(),
  acknowledged timestamptz,
  PRIMARY KEY (city, id)
);
CREATE INDEX IF NOT EXISTS message_waiting ON cs.message (city, number) WHERE acknowledged IS NULL;

CREATE TABLE IF NOT EXISTS cs.audit (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  city text NOT NULL,
  event text NOT NULL CHECK (event IN ('accepted', 'repeated', 'contradicted', 'acknowledged')),
  message text NOT NULL,
  serial text NOT NULL,
  address inet NOT NULL,
  server text NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_of_city ON cs.audit (city, number);

ALTER TABLE cs.message ENABLE ROW LEVEL SECURITY;
ALTER TABLE cs.audit ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own_city ON cs.message;
DROP POLICY IF EXISTS own_city ON cs.audit;
-- Without a city the setting is empty, and no row is anybody's.
CREATE POLICY own_city ON cs.message TO shared_cs_app USING (city = current_setting('cs.city', true));
CREATE POLICY own_city ON cs.audit TO shared_cs_app USING (city = current_setting('cs.city', true));

REVOKE ALL ON cs.message, cs.audit FROM shared_cs_app;
GRANT USAGE ON SCHEMA cs TO shared_cs_app;
GRANT SELECT, INSERT (city, id, content), UPDATE (acknowledged) ON cs.message TO shared_cs_app;
GRANT SELECT, INSERT (city, event, message, serial, address, server) ON cs.audit TO shared_cs_app;

COMMIT;
