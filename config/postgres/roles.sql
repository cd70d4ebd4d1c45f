-- The roles that Clipledger works as. Run once on a server, as an administrator; running it again is harmless.
-- (The embedded server does so by itself.) Then create the database, owned by clipledger_owner, and give
-- each login a password: the README has the few lines.
--
-- clipledger_owner   owns the tables; nobody signs in as it. Migrations take it on.
-- clipledger_web     the dashboard: sees what the acting person sees, by row-level security.
-- clipledger_worker  the sync and the command line: acts for the system, or for a person as the dashboard does.
-- clipledger_backup  reads every row, for pg_dump; writes nothing.
DO $$
DECLARE
    wanted record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('clipledger roles'));
    FOR wanted IN VALUES
        ('clipledger_owner', 'NOLOGIN NOBYPASSRLS'),
        ('clipledger_web', 'LOGIN NOBYPASSRLS'),
        ('clipledger_worker', 'LOGIN NOBYPASSRLS'),
        ('clipledger_backup', 'LOGIN BYPASSRLS')
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.column1) THEN
            EXECUTE format('CREATE ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION %s',
                           wanted.column1, wanted.column2);
        END IF;
    END LOOP;
    IF NOT pg_has_role('clipledger_worker', 'clipledger_web', 'SET') THEN
        GRANT clipledger_web TO clipledger_worker WITH INHERIT FALSE, SET TRUE;
    END IF;
    IF NOT pg_has_role('clipledger_backup', 'pg_read_all_data', 'USAGE') THEN
        GRANT pg_read_all_data TO clipledger_backup;
    END IF;
END
$$;
