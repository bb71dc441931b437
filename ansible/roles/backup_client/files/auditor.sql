-- A role that reads everything and changes nothing. It has no password: only the store's certificate opens the door.
SELECT pg_is_in_recovery() AS standby \gset
\if :standby
  \quit
\endif
SELECT 'CREATE ROLE backup_auditor LOGIN BYPASSRLS CONNECTION LIMIT 250'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backup_auditor') \gexec
SELECT 'GRANT pg_read_all_data TO backup_auditor'
WHERE NOT pg_has_role('backup_auditor', 'pg_read_all_data', 'MEMBER') \gexec
SELECT 'GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO backup_auditor'
WHERE NOT has_function_privilege('backup_auditor', 'pg_create_restore_point(text)', 'EXECUTE') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO backup_auditor', datname) FROM pg_database
WHERE datallowconn AND NOT datistemplate AND NOT has_database_privilege('backup_auditor', oid, 'CONNECT') \gexec
