"""As whom does the product log in? As a role that owns nothing; only to migrate as the owner, who is no superuser.

They are made while no server runs, by PostgreSQL's single-user mode, which asks for no password: nobody logs in as the
superuser, who could read files and start programs. So is what an older release left, whose product was the superuser.
"""

from dataclasses import dataclass, field, replace

from store.grants import ROLE
from workers.embedded.child import Program, done

SUPERUSER, OWNER, DATABASE = "casework", "casework_owner", "casework"
# Who may read the servers' files as they are, for a backup, and nothing else.
KEEPER = "casework_backup"
# The roles that the second belt reads by (`store/row_security.py`): an ordinary role can't make them.
_READERS = ("casework_desk", "casework_staff")
HBA = f"""# Casework's own: the product alone logs in, from this machine, by its passwords. The superuser does not.
host {DATABASE} {ROLE} 127.0.0.1/32 scram-sha-256
host all {OWNER} 127.0.0.1/32 scram-sha-256
host replication {KEEPER} 127.0.0.1/32 scram-sha-256
"""
_ORDINARY = "NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS"
_MADE = "DO $$BEGIN IF to_regrole('{0}') IS NULL THEN CREATE ROLE {0}; END IF; END$$;"
_DATABASE = f"CREATE DATABASE {DATABASE};"
# What is in the database now becomes the owner's; a sequence of a column follows its table.
_OWN = f"""DO $$DECLARE each record; BEGIN
FOR each IN
  SELECT 'TABLE' AS kind, oid::regclass::text AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
  UNION ALL SELECT 'SEQUENCE', oid::regclass::text FROM pg_class c
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0)
  UNION ALL SELECT 'ROUTINE', oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
LOOP EXECUTE format('ALTER %s %s OWNER TO {OWNER}', each.kind, each.name); END LOOP;
END$$;"""  # noqa: S608  # of constants


@dataclass(frozen=True)
class Passwords:
    """Those of the owner of the database, of desk and worker, and of the keeper of backups."""

    owner: str = field(repr=False)
    house: str = field(repr=False)
    keeper: str = field(repr=False)


async def prepare(program: Program, passwords: Passwords, *, ephemeral: bool) -> None:
    """Make the roles that log in, and the database, unless it was done; what admits them is written last.

    What desk and worker may do is granted when the schema is there (`store/grants.py`). The owner of an `ephemeral`
    server may make further databases, and work in them as desk and worker do.

    Raises EmbeddedError where it can't be done.
    """
    hba = program.own / "pg_hba.conf"
    if hba.exists() and hba.read_text("utf-8") == HBA:
        return
    may = "CREATEDB" if ephemeral else "NOCREATEDB"
    owns = f"ALTER ROLE {OWNER} LOGIN {_ORDINARY} {may} PASSWORD '{passwords.owner}';"
    works = f"ALTER ROLE {ROLE} LOGIN {_ORDINARY} NOCREATEDB PASSWORD '{passwords.house}';"
    keeps = f"ALTER ROLE {KEEPER} LOGIN REPLICATION NOSUPERUSER PASSWORD '{passwords.keeper}';"
    readers = f"GRANT {', '.join(_READERS)} TO {OWNER};\n\nGRANT {', '.join(_READERS)} TO {ROLE} WITH INHERIT FALSE;"
    database = f"ALTER DATABASE {DATABASE} OWNER TO {OWNER};\n\nREVOKE TEMPORARY ON DATABASE {DATABASE} FROM PUBLIC;"
    # What is there already fails, and what is not is missed by the second, which stops at a failure.
    made = [*(_MADE.format(role) for role in (OWNER, ROLE, KEEPER, *_READERS)), _DATABASE]
    await done(_alone(program, "template1", "off", ephemeral=ephemeral), "\n\n".join(made))
    plays = [f"GRANT {ROLE} TO {OWNER} WITH INHERIT FALSE;"] if ephemeral else []
    all_of_it = [owns, works, keeps, readers, *plays, database, _OWN]
    await done(_alone(program, DATABASE, "on", ephemeral=ephemeral), "\n\n".join(all_of_it))
    hba.write_text(HBA, "utf-8")


def _alone(program: Program, database: str, stops: str, *, ephemeral: bool) -> Program:
    """PostgreSQL in single-user mode, where statements end at an empty line; it `stops` at an error or goes on."""
    server, _, data, *_ = program.command
    options = ("-c", f"exit_on_error={stops}", *(("-F",) if ephemeral else ()))
    return replace(program, command=(server, "--single", "-j", *options, "-D", data, database))
