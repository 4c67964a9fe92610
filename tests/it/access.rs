//! Who may do what: each privilege alone, roles and their hierarchy, ownership, grants to come, owner's rights, users.

use crate::sessions::{Account, User};

/// A schema with one of each, and the user `U` whose role `R` may use the schema and nothing else.
fn account() -> (Account, User, User) {
    let account = Account::new();
    let s = account.in_schema();
    s.script(&[
        ("CREATE TABLE T (A NUMBER)", ""),
        ("INSERT INTO T VALUES (1)", ""),
        ("CREATE VIEW V AS SELECT A FROM T", ""),
        ("CREATE SEQUENCE Q", ""),
        ("CREATE STREAM ST ON TABLE T", ""),
        ("CREATE PROCEDURE P() RETURNS VARCHAR LANGUAGE SQL AS 'BEGIN RETURN CURRENT_ROLE(); END'", ""),
        ("CREATE TASK K SCHEDULE = '1 MINUTE' AS SELECT 1", ""),
        ("CREATE ROLE R", ""),
        ("CREATE USER U PASSWORD = 'pw' DEFAULT_ROLE = R", ""),
        ("GRANT ROLE R TO USER U", ""),
        ("GRANT USAGE ON DATABASE DB TO ROLE R", ""),
        ("GRANT USAGE ON SCHEMA DB.S TO ROLE R", ""),
    ]);
    let u = account.login("U", "pw", None).unwrap();
    u.get("USE SCHEMA DB.S");
    (account, s, u)
}

/// What a role can do with an object: the statement, and the privilege that it needs.
const MATRIX: &[(&str, &[(&str, &str)])] = &[
    (
        "TABLE T",
        &[
            ("SELECT", "SELECT A FROM T"),
            ("INSERT", "INSERT INTO T VALUES (2)"),
            ("UPDATE", "UPDATE T SET A = 1"),
            ("DELETE", "DELETE FROM T WHERE A = 99"),
            ("TRUNCATE", "TRUNCATE TABLE T"),
            ("OWNERSHIP", "ALTER TABLE T ADD COLUMN B NUMBER"),
            ("OWNERSHIP", "ALTER TABLE T RENAME TO T2"),
            ("OWNERSHIP", "COMMENT ON TABLE T IS 'x'"),
            ("OWNERSHIP", "DROP TABLE T"),
        ],
    ),
    (
        "VIEW V",
        &[("SELECT", "SELECT A FROM V"), ("OWNERSHIP", "ALTER VIEW V SET SECURE"), ("OWNERSHIP", "DROP VIEW V")],
    ),
    ("SEQUENCE Q", &[("USAGE", "SELECT Q.NEXTVAL"), ("OWNERSHIP", "ALTER SEQUENCE Q SET INCREMENT = 2")]),
    ("PROCEDURE P()", &[("USAGE", "CALL P()"), ("OWNERSHIP", "DROP PROCEDURE P()")]),
    ("TASK K", &[("OPERATE", "ALTER TASK K SUSPEND"), ("OWNERSHIP", "DROP TASK K")]),
    (
        "SCHEMA DB.S",
        &[
            ("CREATE TABLE", "CREATE TABLE N1 (A NUMBER)"),
            ("CREATE VIEW", "CREATE VIEW N2 AS SELECT 1 AS A"),
            ("CREATE SEQUENCE", "CREATE SEQUENCE N3"),
            ("CREATE TASK", "CREATE TASK N4 SCHEDULE = '1 MINUTE' AS SELECT 1"),
            ("CREATE MASKING POLICY", "CREATE MASKING POLICY N5 AS (V VARCHAR) RETURNS VARCHAR -> V"),
            ("OWNERSHIP", "DROP SCHEMA DB.S"),
        ],
    ),
    ("DATABASE DB", &[("CREATE SCHEMA", "CREATE SCHEMA DB.N"), ("OWNERSHIP", "DROP DATABASE DB")]),
    (
        "ACCOUNT",
        &[
            ("CREATE DATABASE", "CREATE DATABASE N"),
            ("CREATE WAREHOUSE", "CREATE WAREHOUSE N"),
            ("CREATE ROLE", "CREATE ROLE N"),
            ("CREATE USER", "CREATE USER N"),
        ],
    ),
];

#[test]
fn each_privilege_allows_what_it_names_and_nothing_else() {
    for (object, cells) in MATRIX {
        let mut privileges: Vec<&str> = cells.iter().map(|(p, _)| *p).collect();
        privileges.dedup();
        for held in privileges.iter().copied().filter(|p| *p != "OWNERSHIP") {
            for (needed, sql) in *cells {
                let (_account, s, u) = account();
                let e = u.fail(sql);
                let hidden = ["002003", "002043", "003001", "002140", "002141"];
                assert!(hidden.contains(&e.code), "{sql} without any privilege: {e}");
                s.get(&format!("GRANT {held} ON {object} TO ROLE R"));
                if held == *needed {
                    u.get(sql);
                } else {
                    let e = u.fail(sql);
                    assert_eq!(e.code, "003001", "{sql} with {held}: {e}");
                }
            }
        }
    }
}

#[test]
fn an_owner_may_do_all_of_it_but_needs_the_chain() {
    for (object, cells) in
        MATRIX.iter().filter(|(o, _)| !o.starts_with("SCHEMA") && !o.starts_with("DATABASE") && *o != "ACCOUNT")
    {
        for (_, sql) in *cells {
            let (_account, s, u) = account();
            s.get(&format!("GRANT OWNERSHIP ON {object} TO ROLE R REVOKE CURRENT GRANTS"));
            if object.starts_with("TASK") {
                s.get("GRANT EXECUTE TASK ON ACCOUNT TO ROLE R");
            }
            if object.starts_with("VIEW") {
                // A view reads with its owner's rights, and its owner is R now.
                s.get("GRANT SELECT ON TABLE T TO ROLE R");
            }
            if object.starts_with("TABLE") {
                s.get("DROP STREAM ST");
            }
            u.get(sql);
        }
        let (_account, s, u) = account();
        s.get(&format!("GRANT OWNERSHIP ON {object} TO ROLE R REVOKE CURRENT GRANTS"));
        s.get("REVOKE USAGE ON SCHEMA DB.S FROM ROLE R");
        let e = u.fail(cells[0].1);
        assert_ne!(e.code, "000603", "{object}: {e}");
    }
}

#[test]
fn what_one_may_not_see_is_as_good_as_missing() {
    let (account, s, u) = account();
    s.script(&[("CREATE SCHEMA DB.HIDDEN", ""), ("CREATE TABLE DB.HIDDEN.T (A NUMBER)", ""), ("USE SCHEMA DB.S", "")]);
    s.script(&[("CREATE DATABASE OTHER", ""), ("CREATE TABLE OTHER.PUBLIC.T (A NUMBER)", "")]);
    for (there, missing) in [
        ("SELECT * FROM T", "SELECT * FROM N"),
        ("SELECT * FROM DB.HIDDEN.T", "SELECT * FROM DB.NOPES1.T"),
        ("SELECT * FROM OTHER.PUBLIC.T", "SELECT * FROM NOPES.PUBLIC.T"),
        ("INSERT INTO T VALUES (1)", "INSERT INTO N VALUES (1)"),
        ("DROP TABLE T", "DROP TABLE N"),
        ("ALTER TABLE T ADD COLUMN B NUMBER", "ALTER TABLE N ADD COLUMN B NUMBER"),
        ("DESC TABLE T", "DESC TABLE N"),
        ("USE SCHEMA DB.HIDDEN", "USE SCHEMA DB.NOPES1"),
        ("USE DATABASE OTHER", "USE DATABASE NOPES"),
        ("SHOW TABLES IN SCHEMA DB.HIDDEN", "SHOW TABLES IN SCHEMA DB.NOPES1"),
        ("SELECT * FROM ST", "SELECT * FROM NN"),
        ("SELECT Q.NEXTVAL", "SELECT N.NEXTVAL"),
        ("CALL P()", "CALL N()"),
        ("ALTER TASK K RESUME", "ALTER TASK N RESUME"),
        ("SHOW GRANTS ON TABLE T", "SHOW GRANTS ON TABLE N"),
        ("SELECT SYSTEM$STREAM_HAS_DATA('ST')", "SELECT SYSTEM$STREAM_HAS_DATA('NN')"),
        ("CREATE TABLE X LIKE T", "CREATE TABLE X LIKE N"),
        ("CREATE TABLE X CLONE T", "CREATE TABLE X CLONE N"),
    ] {
        let (a, b) = (u.fail(there), u.fail(missing));
        // The only difference is the name itself.
        let plain =
            |e: &str| e.replace("HIDDEN", "_").replace("NOPES1", "_").replace("OTHER", "_").replace("NOPES", "_");
        let name =
            |e: &str| plain(e).split('\'').enumerate().filter(|(i, _)| i % 2 == 0).map(|(_, t)| t).collect::<String>();
        assert_eq!((a.code, a.state), (b.code, b.state), "{there}: {a}\n{missing}: {b}");
        let function = there.contains("P()") || there.contains("NEXTVAL");
        assert!(function || name(&a.message) == name(&b.message), "{there}: {a}\n{missing}: {b}");
    }
    for show in ["TABLES", "VIEWS", "STREAMS", "SEQUENCES", "TASKS", "SCHEMAS IN ACCOUNT", "DATABASES"] {
        let names = u.column(&format!("SHOW {show}"), "name");
        for hidden in ["T", "V", "ST", "Q", "K", "HIDDEN", "OTHER"] {
            assert!(!names.split(';').any(|n| n == hidden), "SHOW {show} shows {hidden}: {names}");
        }
    }
    u.script(&[
        ("SELECT COUNT(*) FROM DB.INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA <> 'INFORMATION_SCHEMA'", "0"),
        ("SELECT COUNT(*) FROM DB.INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME = 'HIDDEN'", "0"),
    ]);
    drop(account);
}

#[test]
fn roles_inherit_and_are_revoked() {
    let (account, s, u) = account();
    s.script(&[
        ("CREATE ROLE READER", ""),
        ("CREATE ROLE MIDDLE", ""),
        ("GRANT SELECT ON TABLE T TO ROLE READER", ""),
        ("GRANT ROLE READER TO ROLE MIDDLE", ""),
        ("GRANT ROLE MIDDLE TO ROLE READER", "!003025"),
        ("GRANT ROLE NOPE TO ROLE R", "!002003"),
    ]);
    u.script(&[("SELECT A FROM T", "!002003"), ("USE ROLE READER", "!003013")]);
    s.get("GRANT ROLE MIDDLE TO ROLE R");
    u.script(&[
        ("SELECT A FROM T", "1"),
        ("USE ROLE READER", ""),
        ("SELECT CURRENT_ROLE(), IS_ROLE_IN_SESSION('READER'), IS_ROLE_IN_SESSION('SYSADMIN')", "READER|1|0"),
        ("USE ROLE R", ""),
        ("GRANT ROLE READER TO ROLE PUBLIC", "!003001"),
        ("CREATE ROLE X", "!003001"),
    ]);
    s.get("REVOKE ROLE READER FROM ROLE MIDDLE");
    u.script(&[("SELECT A FROM T", "!002003")]);
    assert_eq!(s.column("SHOW GRANTS OF ROLE MIDDLE", "grantee_name"), "R");
    assert_eq!(account.login("U", "pw", Some("SYSADMIN")).err().unwrap().code, "390189");
    // There is no superuser: what is owned apart from the hierarchy is not the administrator's.
    s.script(&[("GRANT CREATE TABLE ON SCHEMA S TO ROLE R", ""), ("GRANT ROLE R TO ROLE SYSADMIN", "")]);
    u.script(&[("CREATE TABLE OWN (A NUMBER)", ""), ("INSERT INTO OWN VALUES (5)", "")]);
    s.get("SELECT A FROM OWN");
    s.get("REVOKE ROLE R FROM ROLE SYSADMIN");
    s.get("USE ROLE SYSADMIN");
    assert!(["002003", "003001"].contains(&s.fail("SELECT A FROM DB.S.OWN").code));
}

#[test]
fn roles_and_users_are_named_through_identifier() {
    let (_account, s, u) = account();
    s.script(&[
        ("SET (WHO, WHAT, PLACE) = ('U', 'r2', 'DB.S.T')", ""),
        ("CREATE ROLE IDENTIFIER($WHAT)", ""),
        ("GRANT ROLE IDENTIFIER($WHAT) TO USER IDENTIFIER($WHO)", ""),
        ("GRANT ROLE R TO ROLE IDENTIFIER('R2')", ""),
        ("GRANT SELECT, UPDATE, INSERT ON TABLE IDENTIFIER($PLACE) TO ROLE IDENTIFIER('r2')", ""),
        ("GRANT ROLE R TO USER IDENTIFIER($NOBODY)", "!001091"),
        ("GRANT ROLE R TO USER IDENTIFIER('NOBODY')", "!002003"),
        ("GRANT ROLE R TO USER IDENTIFIER('A.B')", "!001003"),
    ]);
    u.script(&[
        ("USE ROLE IDENTIFIER('R2')", ""),
        ("SET PLACE = 't'", ""),
        ("INSERT INTO IDENTIFIER($PLACE) VALUES (2)", "1"),
        ("UPDATE IDENTIFIER($PLACE) SET A = 3 WHERE A = 2", "1|0"),
        ("DELETE FROM IDENTIFIER('DB.S.T')", "!003001"),
        ("SELECT SUM(A) FROM IDENTIFIER($PLACE)", "4"),
    ]);
    s.script(&[
        ("SHOW GRANTS TO USER IDENTIFIER($WHO) ->> SELECT COUNT(*) FROM $1 WHERE \"role\" = 'R2'", "1"),
        ("DECLARE GONE VARCHAR DEFAULT 'R2'; BEGIN REVOKE ROLE IDENTIFIER(:GONE) FROM USER U; END", ""),
        ("REVOKE SELECT ON TABLE T FROM ROLE IDENTIFIER($WHAT)", ""),
    ]);
    u.script(&[("USE ROLE R2", "~R2"), ("USE ROLE R", ""), ("SELECT A FROM T", "!002003")]);
}

#[test]
fn secondary_roles_count_for_everything_but_creation() {
    let (account, s, u) = account();
    s.script(&[
        ("CREATE ROLE EXTRA", ""),
        ("GRANT ROLE EXTRA TO USER U", ""),
        ("GRANT SELECT ON TABLE T TO ROLE EXTRA", ""),
        ("GRANT CREATE TABLE ON SCHEMA S TO ROLE EXTRA", ""),
    ]);
    u.script(&[
        ("SELECT A FROM T", "1"),
        ("CREATE TABLE N (A NUMBER)", "!003001"),
        ("SELECT IS_ROLE_IN_SESSION('EXTRA')", "1"),
        ("USE SECONDARY ROLES NONE", ""),
        ("SELECT A FROM T", "!002003"),
        ("SELECT IS_ROLE_IN_SESSION('EXTRA')", "0"),
        ("USE SECONDARY ROLES EXTRA", ""),
        ("SELECT A FROM T", "1"),
        ("USE SECONDARY ROLES SYSADMIN", "!003013"),
        ("USE SECONDARY ROLES ALL", ""),
        ("SELECT A FROM T", "1"),
        ("USE ROLE EXTRA", ""),
        ("USE SECONDARY ROLES NONE", ""),
        ("CREATE TABLE DB.S.N (A NUMBER)", "!002003"),
    ]);
    s.get("ALTER USER U SET DEFAULT_SECONDARY_ROLES = ()");
    let again = account.login("U", "pw", None).unwrap();
    again.script(&[("SELECT A FROM DB.S.T", "!002003")]);
}

#[test]
fn ownership_passes_on() {
    let (_account, s, u) = account();
    s.script(&[
        ("CREATE ROLE READER", ""),
        ("GRANT SELECT ON TABLE T TO ROLE READER", ""),
        ("GRANT OWNERSHIP ON TABLE T TO ROLE R", "!003036"),
        ("GRANT OWNERSHIP ON TABLE T TO ROLE R COPY CURRENT GRANTS", ""),
    ]);
    assert_eq!(s.column("SHOW GRANTS ON TABLE T", "privilege"), "OWNERSHIP;SELECT");
    assert_eq!(s.column("SHOW GRANTS ON TABLE T", "granted_by"), "R;R");
    u.script(&[
        ("DROP TABLE T", "T successfully dropped."),
        ("UNDROP TABLE T", ""),
        ("GRANT OWNERSHIP ON TABLE T TO ROLE READER REVOKE CURRENT GRANTS", ""),
        ("SELECT A FROM T", "!002003"),
    ]);
    assert_eq!(s.column("SHOW GRANTS ON TABLE T", "privilege"), "OWNERSHIP");
    s.script(&[
        ("GRANT OWNERSHIP ON ALL VIEWS IN SCHEMA S TO ROLE R COPY CURRENT GRANTS", ""),
        ("REVOKE OWNERSHIP ON VIEW V FROM ROLE R", "!003006"),
        // The administrator knows of the view through MANAGE GRANTS, which is no right to read it.
        ("SELECT * FROM V", "!003001"),
    ]);
    // The view's new owner may not read the table under it.
    assert_eq!(u.fail("SELECT * FROM V").code, "002003");
    assert_eq!(s.column("SHOW VIEWS LIKE 'V'", "owner"), "R");
}

#[test]
fn grants_on_all_and_on_what_is_to_come() {
    let (_account, s, u) = account();
    s.script(&[
        ("CREATE TABLE T2 (A NUMBER)", ""),
        ("GRANT SELECT ON ALL TABLES IN SCHEMA S TO ROLE R", ""),
        ("CREATE TABLE T3 (A NUMBER)", ""),
        ("GRANT INSERT ON FUTURE TABLES IN DATABASE DB TO ROLE R", ""),
        ("CREATE TABLE T4 (A NUMBER)", ""),
        ("GRANT SELECT ON FUTURE TABLES IN SCHEMA S TO ROLE R", ""),
        ("CREATE TABLE T5 (A NUMBER)", ""),
        ("CREATE OR REPLACE TABLE T3 (A NUMBER)", ""),
    ]);
    u.script(&[
        ("SELECT * FROM T2", ""),
        ("INSERT INTO T4 VALUES (1)", "1"),
        ("SELECT * FROM T4", "!003001"),
        // The schema's future grants put the database's out of force.
        ("SELECT * FROM T5", ""),
        ("INSERT INTO T5 VALUES (1)", "!003001"),
        ("SELECT * FROM T3", ""),
    ]);
    assert_eq!(s.column("SHOW FUTURE GRANTS IN SCHEMA S", "name"), "DB.S.<TABLE>");
    assert_eq!(s.column("SHOW FUTURE GRANTS IN SCHEMA S", "grant_on"), "TABLE");
    assert_eq!(s.column("SHOW FUTURE GRANTS TO ROLE R", "privilege").split(';').count(), 2);
    s.script(&[("REVOKE SELECT ON FUTURE TABLES IN SCHEMA S FROM ROLE R", ""), ("CREATE TABLE T6 (A NUMBER)", "")]);
    u.script(&[("SELECT * FROM T6", "!003001")]);
    s.script(&[("GRANT OWNERSHIP ON FUTURE TABLES IN SCHEMA S TO ROLE R", ""), ("CREATE TABLE T7 (A NUMBER)", "")]);
    assert_eq!(u.column("SHOW TABLES LIKE 'T7'", "owner"), "R");
}

#[test]
fn the_grant_option_and_managed_access() {
    let (account, s, u) = account();
    s.script(&[("CREATE ROLE OTHER", ""), ("GRANT SELECT ON TABLE T TO ROLE R", "")]);
    u.script(&[("GRANT SELECT ON TABLE T TO ROLE OTHER", "!003001")]);
    s.get("GRANT SELECT ON TABLE T TO ROLE R WITH GRANT OPTION");
    u.script(&[
        ("GRANT SELECT ON TABLE T TO ROLE OTHER", ""),
        ("GRANT SELECT, INSERT ON TABLE T TO ROLE OTHER", "!003011"),
        ("GRANT FLY ON TABLE T TO ROLE OTHER", "!003006"),
        ("GRANT SELECT ON TABLE T TO ROLE NOPE", "!002003"),
    ]);
    s.script(&[
        ("REVOKE GRANT OPTION FOR SELECT ON TABLE T FROM ROLE R CASCADE", ""),
        ("CREATE SCHEMA M WITH MANAGED ACCESS", ""),
        ("GRANT USAGE, CREATE TABLE ON SCHEMA DB.M TO ROLE R", ""),
    ]);
    u.script(&[
        ("CREATE TABLE DB.M.X (A NUMBER)", ""),
        ("SELECT * FROM DB.M.X", ""),
        // The owner of a table in a managed schema may not grant on it.
        ("GRANT SELECT ON TABLE DB.M.X TO ROLE OTHER", "!003001"),
    ]);
    s.get("GRANT SELECT ON TABLE DB.M.X TO ROLE OTHER");
    assert!(s.column("SHOW GRANTS TO ROLE OTHER", "name").contains("DB.M.X"));
    drop(account);
}

#[test]
fn views_and_procedures_have_their_owners_rights() {
    let (_account, s, u) = account();
    s.script(&[
        ("CREATE SCHEMA PRIV", ""),
        ("CREATE TABLE PRIV.SECRET (A NUMBER)", ""),
        ("INSERT INTO PRIV.SECRET VALUES (42)", ""),
        ("USE SCHEMA DB.S", ""),
        ("CREATE VIEW SV AS SELECT A FROM PRIV.SECRET", ""),
        ("CREATE PROCEDURE BY_OWNER() RETURNS NUMBER LANGUAGE SQL AS 'BEGIN LET N := (SELECT MAX(A) FROM DB.PRIV.SECRET); RETURN N; END'", ""),
        ("CREATE PROCEDURE BY_CALLER() RETURNS NUMBER LANGUAGE SQL EXECUTE AS CALLER AS 'BEGIN LET N := (SELECT MAX(A) FROM DB.PRIV.SECRET); RETURN N; END'", ""),
        ("GRANT SELECT ON VIEW SV TO ROLE R", ""),
        ("GRANT USAGE ON ALL PROCEDURES IN SCHEMA S TO ROLE R", ""),
    ]);
    u.script(&[
        ("SELECT * FROM DB.PRIV.SECRET", "!002003"),
        ("SELECT A FROM SV", "42"),
        ("CALL BY_OWNER()", "42"),
        ("CALL BY_CALLER()", "!002003"),
        ("CALL P()", "ACCOUNTADMIN"),
        ("SELECT CURRENT_ROLE()", "R"),
        ("DESC VIEW SV", ""),
    ]);
}

#[test]
fn the_listings_of_grants() {
    let (_account, s, u) = account();
    s.script(&[("GRANT SELECT, INSERT ON TABLE T TO ROLE R", ""), ("SHOW GRANTS ON ACCOUNT", ""), ("SHOW GRANTS", "")]);
    let held = s.column("SHOW GRANTS TO ROLE R", "privilege");
    let mut held: Vec<&str> = held.split(';').collect();
    held.sort_unstable();
    assert_eq!(held, ["INSERT", "SELECT", "USAGE", "USAGE"]);
    assert_eq!(s.column("SHOW GRANTS TO USER U", "role"), "R");
    assert_eq!(s.column("SHOW GRANTS OF ROLE R", "grantee_name"), "U");
    assert_eq!(s.column("SHOW GRANTS ON TABLE T", "granted_to").split(';').count(), 3);
    assert_eq!(u.column("SHOW ROLES LIKE 'R'", "is_current"), "Y");
}

#[test]
fn users_log_in_as_they_are_set() {
    let (account, s, _u) = account();
    let login = |password: &str| account.login("U", password, None).map(|u| u.get("SELECT CURRENT_ROLE()"));
    assert_eq!(login("pw").unwrap(), "R");
    assert_eq!(login("PW").unwrap_err().code, "390100");
    assert_eq!(account.login("NOBODY", "pw", None).err().unwrap().code, "390100");
    s.script(&[("ALTER USER U SET PASSWORD = 'new' DEFAULT_ROLE = NOT_GRANTED", "")]);
    assert_eq!(login("pw").unwrap_err().code, "390100");
    assert_eq!(login("new").unwrap(), "PUBLIC", "a default role that is not granted does not count");
    s.get("ALTER USER U SET DISABLED = TRUE");
    assert!(login("new").is_err());
    s.get("ALTER USER U SET DISABLED = FALSE");
    login("new").unwrap();
    s.script(&[
        ("ALTER USER U UNSET PASSWORD", ""),
        ("ALTER USER U SET ROBOT = 1", "~invalid property 'ROBOT' for 'USER'"),
        ("CREATE USER SV TYPE = SERVICE FIRST_NAME = 'x'", "~Cannot set FIRST_NAME on users with TYPE=SERVICE."),
        ("CREATE DATABASE ROLE DB.DR", "~DATABASE ROLE"),
        ("GRANT DATABASE ROLE DB.DR TO ROLE R", "~DATABASE ROLE"),
    ]);
    assert!(login("new").is_err() && login("").is_err(), "without a password nobody logs in by one");
}
