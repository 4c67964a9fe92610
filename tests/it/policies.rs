//! Masking and row access policies: who sees what, wherever it is read.

use crate::sessions::{Account, User};

/// A table with a masked column and two users: PII may see, CLERK may not.
fn hospital() -> (Account, User, User, User) {
    let account = Account::new();
    let s = account.in_schema();
    s.script(&[
        ("CREATE TABLE P (ID NUMBER, EMAIL VARCHAR(20), AGE NUMBER(3,0), REGION VARCHAR)", ""),
        ("INSERT INTO P VALUES (1, 'ann@x.org', 30, 'N'), (2, 'bob@y.org', 40, 'S')", ""),
        (
            "CREATE MASKING POLICY MAIL AS (VAL VARCHAR) RETURNS VARCHAR -> \
             CASE WHEN CURRENT_ROLE() IN ('PII') THEN VAL ELSE '*** masked for everyone else ***' END COMMENT = 'mail'",
            "Masking policy MAIL successfully created.",
        ),
        ("ALTER TABLE P MODIFY COLUMN EMAIL SET MASKING POLICY MAIL", "Statement executed successfully."),
        ("CREATE ROLE PII", ""),
        ("CREATE ROLE CLERK", ""),
        ("CREATE USER DOC PASSWORD = 'pw' DEFAULT_ROLE = PII", ""),
        ("CREATE USER NED PASSWORD = 'pw' DEFAULT_ROLE = CLERK", ""),
        ("GRANT ROLE PII TO USER DOC", ""),
        ("GRANT ROLE CLERK TO USER NED", ""),
    ]);
    for role in ["PII", "CLERK"] {
        s.get(&format!("GRANT USAGE ON DATABASE DB TO ROLE {role}"));
        s.get(&format!("GRANT USAGE, CREATE TABLE, CREATE VIEW ON SCHEMA DB.S TO ROLE {role}"));
        s.get(&format!("GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE DB.S.P TO ROLE {role}"));
    }
    let doc = account.login("DOC", "pw", None).unwrap();
    let ned = account.login("NED", "pw", None).unwrap();
    for u in [&doc, &ned] {
        u.get("USE SCHEMA DB.S");
    }
    (account, s, doc, ned)
}

#[test]
fn a_mask_holds_wherever_the_column_is_read() {
    let (_account, s, doc, ned) = hospital();
    let hidden = "*** masked for everyone else ***";
    doc.script(&[("SELECT EMAIL FROM P ORDER BY ID", "ann@x.org;bob@y.org")]);
    s.script(&[
        ("CREATE VIEW V AS SELECT ID, EMAIL, UPPER(EMAIL) AS U FROM P", ""),
        ("GRANT SELECT ON VIEW V TO ROLE CLERK", ""),
        ("GRANT SELECT ON VIEW V TO ROLE PII", ""),
        ("CREATE STREAM ST ON TABLE P SHOW_INITIAL_ROWS = TRUE", ""),
        ("GRANT SELECT ON STREAM ST TO ROLE CLERK", ""),
        // The administrator does not hold PII either.
        ("SELECT EMAIL FROM P WHERE ID = 1", hidden),
    ]);
    doc.script(&[("SELECT U FROM V WHERE ID = 1", "ANN@X.ORG")]);
    ned.script(&[
        ("SELECT EMAIL FROM P WHERE ID = 1", hidden),
        ("SELECT * FROM P WHERE ID = 1", &format!("1|{hidden}|30|N")),
        ("SELECT COUNT(*) FROM P WHERE EMAIL LIKE '%x.org'", "0"),
        ("SELECT COUNT(*) FROM P AS A JOIN P AS B ON A.EMAIL = B.EMAIL", "4"),
        ("SELECT EMAIL, COUNT(*) FROM P GROUP BY EMAIL", &format!("{hidden}|2")),
        ("SELECT MAX(SPLIT_PART(EMAIL, '@', 2)) FROM P", ""),
        ("SELECT DISTINCT U FROM V", &hidden.to_uppercase()),
        ("SELECT ID FROM P ORDER BY EMAIL DESC, ID", "1;2"),
        ("SELECT EMAIL FROM ST WHERE ID = 1", hidden),
        ("WITH X AS (SELECT EMAIL FROM P) SELECT DISTINCT EMAIL FROM X", hidden),
        ("SELECT (SELECT MIN(EMAIL) FROM P)", hidden),
        ("SELECT EMAIL FROM P AT (OFFSET => 0) WHERE ID = 1", hidden),
        ("SELECT EMAIL FROM P CHANGES (INFORMATION => DEFAULT) AT (OFFSET => 0)", ""),
        ("CREATE TABLE COPY1 AS SELECT ID, EMAIL FROM P", ""),
        ("CREATE TABLE COPY2 (ID NUMBER, EMAIL VARCHAR)", ""),
        ("INSERT INTO COPY2 SELECT ID, EMAIL FROM P", "2"),
        ("MERGE INTO COPY2 USING P ON COPY2.ID = P.ID AND P.ID = 1 WHEN MATCHED THEN UPDATE SET EMAIL = LOWER(P.EMAIL)", "1"),
        ("UPDATE P SET AGE = 99 WHERE EMAIL = 'ann@x.org'", "0|0"),
        ("DELETE FROM P WHERE EMAIL = 'ann@x.org'", "0"),
    ]);
    ned.script(&[("SELECT DISTINCT EMAIL FROM COPY1", hidden), ("SELECT DISTINCT EMAIL FROM COPY2", hidden)]);
    doc.script(&[
        ("UPDATE P SET AGE = 31 WHERE EMAIL = 'ann@x.org'", "1|0"),
        ("SELECT EMAIL, AGE FROM P WHERE ID = 1", "ann@x.org|31"),
    ]);
}

#[test]
fn masks_are_set_listed_changed_and_taken_away() {
    let (_account, s, doc, ned) = hospital();
    assert_eq!(s.column("DESC TABLE P", "policy name"), "NULL;DB.S.MAIL;NULL;NULL");
    assert_eq!(s.column("SHOW MASKING POLICIES", "name"), "MAIL");
    assert_eq!(s.column("SHOW MASKING POLICIES", "kind"), "MASKING_POLICY");
    assert_eq!(s.column("DESC MASKING POLICY MAIL", "signature"), "(VAL VARCHAR(16777216))");
    assert!(s.column("DESC MASKING POLICY MAIL", "body").starts_with("CASE WHEN CURRENT_ROLE()"));
    let references = "SELECT POLICY_NAME, POLICY_KIND, REF_ENTITY_NAME, REF_ENTITY_DOMAIN, REF_COLUMN_NAME, POLICY_STATUS FROM TABLE(INFORMATION_SCHEMA.POLICY_REFERENCES";
    let row = "MAIL|MASKING_POLICY|P|TABLE|EMAIL|ACTIVE";
    s.script(&[
        (&format!("{references}(POLICY_NAME => 'DB.S.MAIL'))"), row),
        (&format!("{references}(REF_ENTITY_NAME => 'DB.S.P', REF_ENTITY_DOMAIN => 'table'))"), row),
        ("DROP MASKING POLICY MAIL", "~cannot be dropped/replaced as it is associated with one or more entities"),
        ("CREATE OR REPLACE MASKING POLICY MAIL AS (V VARCHAR) RETURNS VARCHAR -> V", "~cannot be dropped/replaced"),
        ("ALTER TABLE P MODIFY COLUMN EMAIL SET MASKING POLICY MAIL", "~already attached"),
        ("ALTER TABLE P MODIFY COLUMN AGE SET MASKING POLICY MAIL", "~does not match with policy argument"),
        ("ALTER TABLE P MODIFY COLUMN NOPE SET MASKING POLICY MAIL", "!000904"),
        ("ALTER TABLE P MODIFY COLUMN REGION SET MASKING POLICY NOPE", "!002003"),
        ("CREATE MASKING POLICY BAD AS (V VARCHAR) RETURNS NUMBER -> 1", "!001007"),
        ("CREATE MASKING POLICY BAD AS (V VARCHAR) RETURNS VARCHAR -> NO_SUCH(V)", "!002140"),
        ("CREATE MASKING POLICY AGES AS (V NUMBER) RETURNS NUMBER -> IFF(IS_ROLE_IN_SESSION('PII'), V, -1)", ""),
        ("ALTER TABLE P MODIFY COLUMN AGE SET MASKING POLICY AGES, COLUMN REGION SET MASKING POLICY MAIL", ""),
        ("ALTER MASKING POLICY MAIL SET BODY -> 'gone'", ""),
        ("ALTER MASKING POLICY MAIL RENAME TO MAIL2", ""),
    ]);
    ned.script(&[("SELECT EMAIL, AGE, REGION FROM P WHERE ID = 1", "gone|-1|gone")]);
    doc.script(&[("SELECT EMAIL, AGE FROM P WHERE ID = 1", "gone|30")]);
    s.script(&[
        ("ALTER TABLE P MODIFY COLUMN EMAIL UNSET MASKING POLICY", ""),
        ("ALTER TABLE P MODIFY COLUMN REGION UNSET MASKING POLICY", ""),
        ("DROP MASKING POLICY MAIL2", "MAIL2 successfully dropped."),
    ]);
    ned.script(&[("SELECT EMAIL, AGE, REGION FROM P WHERE ID = 1", "ann@x.org|-1|N")]);
}

#[test]
fn masks_in_definitions_with_conditions_and_on_views() {
    let (_account, s, doc, ned) = hospital();
    s.script(&[
        (
            "CREATE MASKING POLICY COND AS (V VARCHAR, VISIBLE VARCHAR) RETURNS VARCHAR -> \
             CASE WHEN VISIBLE = 'Public' THEN V ELSE NULL END",
            "",
        ),
        ("CREATE TABLE Q (A VARCHAR MASKING POLICY COND USING (A, B), B VARCHAR NOT NULL)", ""),
        ("INSERT INTO Q VALUES ('x', 'Public'), ('y', 'Private')", "2"),
        ("SELECT A, B FROM Q ORDER BY B", "NULL|Private;x|Public"),
        ("ALTER TABLE Q DROP COLUMN B", "~argument of a policy"),
        ("CREATE TABLE Q2 (A VARCHAR WITH MASKING POLICY COND USING (B, A), B VARCHAR)", "!001506"),
        ("ALTER TABLE Q ADD COLUMN E VARCHAR DEFAULT 'e' MASKING POLICY MAIL", ""),
        ("SELECT DISTINCT E FROM Q", "*** masked for everyone else ***"),
        // A clone keeps the mask; one of a whole schema has its own policy.
        ("CREATE TABLE QC CLONE Q", ""),
        ("SELECT COUNT(A) FROM QC", "1"),
        ("CREATE SCHEMA DB.S2 CLONE DB.S", ""),
        ("SELECT COUNT(A) FROM DB.S2.Q", "1"),
        ("USE SCHEMA DB.S", ""),
        ("CREATE VIEW V (ID, MAIL MASKING POLICY COND USING (MAIL, REGION), REGION) AS SELECT ID, EMAIL, REGION FROM P", ""),
        ("GRANT SELECT ON VIEW V TO ROLE PII", ""),
        ("ALTER VIEW V MODIFY COLUMN REGION SET MASKING POLICY MAIL", ""),
    ]);
    assert_eq!(s.column("DESC TABLE DB.S2.Q", "policy name"), "DB.S2.COND;NULL;DB.S2.MAIL");
    assert_eq!(s.column("DESC VIEW V", "policy name"), "NULL;DB.S.COND;DB.S.MAIL");
    doc.script(&[("SELECT COUNT(MAIL), COUNT(*) FROM V", "0|2")]);
    ned.script(&[("SELECT * FROM V", "!002003")]);
}

#[test]
fn setting_a_mask_needs_its_privileges() {
    let (_account, s, doc, _ned) = hospital();
    doc.script(&[
        ("CREATE TABLE MINE (A VARCHAR)", ""),
        ("ALTER TABLE MINE MODIFY COLUMN A SET MASKING POLICY MAIL", "!002003"),
        ("CREATE MASKING POLICY X AS (V VARCHAR) RETURNS VARCHAR -> V", "!003001"),
        ("ALTER TABLE P MODIFY COLUMN EMAIL UNSET MASKING POLICY", "!003001"),
    ]);
    s.get("GRANT APPLY ON MASKING POLICY MAIL TO ROLE PII");
    doc.script(&[
        ("ALTER TABLE MINE MODIFY COLUMN A SET MASKING POLICY MAIL", ""),
        ("ALTER TABLE P MODIFY COLUMN EMAIL UNSET MASKING POLICY", "!003001"),
    ]);
    s.get("GRANT APPLY MASKING POLICY ON ACCOUNT TO ROLE PII");
    doc.script(&[("ALTER TABLE P MODIFY COLUMN EMAIL UNSET MASKING POLICY", "")]);
}

#[test]
fn row_access_policies_filter_every_reading() {
    let (_account, s, doc, ned) = hospital();
    s.script(&[
        ("CREATE TABLE RIGHTS (ROLE_NAME VARCHAR, REGION VARCHAR)", ""),
        ("INSERT INTO RIGHTS VALUES ('PII', 'N'), ('PII', 'S'), ('CLERK', 'S'), ('ACCOUNTADMIN', 'N')", ""),
        (
            "CREATE ROW ACCESS POLICY BY_REGION AS (R VARCHAR) RETURNS BOOLEAN -> \
             EXISTS (SELECT 1 FROM RIGHTS WHERE ROLE_NAME = CURRENT_ROLE() AND RIGHTS.REGION = R)",
            "Row access policy BY_REGION successfully created.",
        ),
        ("ALTER TABLE P ADD ROW ACCESS POLICY BY_REGION ON (REGION)", ""),
        ("ALTER TABLE P ADD ROW ACCESS POLICY BY_REGION ON (REGION)", "~Only one ROW_ACCESS_POLICY"),
        ("CREATE VIEW V AS SELECT ID, REGION FROM P", ""),
        ("GRANT SELECT ON VIEW V TO ROLE CLERK", ""),
        ("SELECT ID FROM P", "1"),
        ("CREATE ROW ACCESS POLICY BAD AS (R VARCHAR) RETURNS VARCHAR -> R", "!001007"),
    ]);
    doc.script(&[("SELECT ID FROM P ORDER BY ID", "1;2")]);
    ned.script(&[
        ("SELECT ID FROM P", "2"),
        ("SELECT ID FROM V", "2"),
        ("SELECT COUNT(*) FROM P AS A JOIN P AS B ON true", "1"),
        // The policy reads a table that the clerk may not.
        ("SELECT * FROM RIGHTS", "!002003"),
        ("UPDATE P SET AGE = 0", "1|0"),
        ("DELETE FROM P", "1"),
        ("SELECT COUNT(*) FROM P", "0"),
    ]);
    doc.script(&[("SELECT ID, AGE FROM P", "1|30")]);
    let references = "SELECT POLICY_KIND, REF_ENTITY_NAME, REF_COLUMN_NAME, REF_ARG_COLUMN_NAMES FROM TABLE(INFORMATION_SCHEMA.POLICY_REFERENCES(POLICY_NAME => 'DB.S.BY_REGION'))";
    s.script(&[
        (references, "ROW_ACCESS_POLICY|P|NULL|[ \"REGION\" ]"),
        ("DROP ROW ACCESS POLICY BY_REGION", "~cannot be dropped/replaced"),
        ("CREATE ROW ACCESS POLICY ALL_OF_IT AS (R VARCHAR) RETURNS BOOLEAN -> true", ""),
        ("ALTER TABLE P DROP ROW ACCESS POLICY BY_REGION, ADD ROW ACCESS POLICY ALL_OF_IT ON (REGION)", ""),
        ("DROP ROW ACCESS POLICY BY_REGION", ""),
        ("ALTER TABLE P DROP ALL ROW ACCESS POLICIES", ""),
        ("CREATE TABLE W (A NUMBER, R VARCHAR) WITH ROW ACCESS POLICY ALL_OF_IT ON (R)", ""),
        ("ALTER ROW ACCESS POLICY ALL_OF_IT SET BODY -> R = 'yes'", ""),
        ("INSERT INTO W VALUES (1, 'yes'), (2, 'no')", "2"),
        ("SELECT A FROM W", "1"),
    ]);
    assert_eq!(s.column("SHOW ROW ACCESS POLICIES", "name"), "ALL_OF_IT");
}

#[test]
fn what_is_not_done_is_refused_by_name() {
    let (_account, s, ..) = hospital();
    s.script(&[
        ("CREATE TAG COST", "~CREATE TAG"),
        ("ALTER TABLE P MODIFY COLUMN EMAIL SET TAG COST = 'x'", "~SET TAG"),
        ("ALTER TABLE P SET TAG COST = 'x'", "!000002"),
        ("CREATE MASKING POLICY X AS (V VARCHAR) RETURNS VARCHAR -> V EXEMPT_OTHER_POLICIES = TRUE", "!000002"),
        ("CREATE AGGREGATION POLICY X AS () RETURNS AGGREGATION_CONSTRAINT -> NULL", "!000002"),
    ]);
}
