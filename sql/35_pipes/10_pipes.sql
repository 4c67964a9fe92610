-- The pipes belong to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;
{% if load_by == 'copy' %}

-- COPY remembers its own loads alone: what pipes have loaded it would load once more. A load asks this first.
CREATE OR REPLACE PROCEDURE CONVEX_STAGE.REFUSE_PIPED()
RETURNS VARCHAR
LANGUAGE SQL
COMMENT = 'Fails where pipes have loaded what COPY would load again'
AS
$$
DECLARE
  LOADS NUMBER;
  PIPED EXCEPTION (-20011, 'Pipes have loaded files here, which COPY would load once more. Set load_by = copy_new: it names to COPY what the raw tables do not hold. Or stay with load_by = pipe.');
BEGIN
  LOADS := (SELECT COUNT(*) FROM CONVEX_STAGE.PIPE_LOAD);
  {% for source in ['CUSTOMERS', 'PRODUCTS', 'TRANSACTIONS'] %}
  LOADS := LOADS + (
    SELECT COUNT(PIPE_NAME)
    FROM TABLE(CONVEX_INSURANCE.INFORMATION_SCHEMA.COPY_HISTORY(
      TABLE_NAME => 'CONVEX_INSURANCE.CONVEX_STAGE.RAW_{{ source }}', START_TIME => DATEADD(DAY, -13, CURRENT_TIMESTAMP())
    ))
  );
  {% endfor %}
  IF (LOADS > 0) THEN
    RAISE PIPED;
  END IF;
  RETURN 'no pipe has loaded anything';
END;
$$;

-- Ask now, before anything is changed.
CALL CONVEX_STAGE.REFUSE_PIPED();
{% else %}

-- What is in the bucket, held against the raw tables: a file is new where the last delivery of its name had another content.
CREATE TABLE IF NOT EXISTS CONVEX_STAGE.LISTED_FILE (
  SOURCE_NAME VARCHAR NOT NULL,
  FILE_NAME VARCHAR NOT NULL,
  FILE_PATH VARCHAR NOT NULL,
  FILE_CONTENT_KEY VARCHAR,
  IS_NEW BOOLEAN NOT NULL
)
COMMENT = 'The last look into the bucket; grain: one file; FILE_PATH is its name below its stage';

-- That look. Neither COPY nor a pipe knows what the other has loaded, nor does a pipe that took the place of another; the
-- raw tables do.
CREATE OR REPLACE PROCEDURE CONVEX_STAGE.LIST_FILES()
RETURNS NUMBER
LANGUAGE SQL
COMMENT = 'Fills LISTED_FILE'
EXECUTE AS CALLER
AS
$$
BEGIN
  DELETE FROM CONVEX_STAGE.LISTED_FILE;
  {% for source in ['CUSTOMERS', 'PRODUCTS', 'TRANSACTIONS'] %}
  LIST @CONVEX_STAGE.S3_{{ source }};
  INSERT INTO CONVEX_STAGE.LISTED_FILE (SOURCE_NAME, FILE_NAME, FILE_PATH, FILE_CONTENT_KEY, IS_NEW)
  SELECT
    '{{ source }}',
    L.FILE_NAME,
    SUBSTR(L.FILE_NAME, POSITION('convex-{{ source | lower }}/', L.FILE_NAME) + LENGTH('convex-{{ source | lower }}/')),
    L.FILE_CONTENT_KEY,
    R.FILE_CONTENT_KEY IS DISTINCT FROM L.FILE_CONTENT_KEY
  FROM (
    SELECT
      REGEXP_REPLACE("name", '^[^:]+://[^/]+/', '') AS FILE_NAME,
      "md5" AS FILE_CONTENT_KEY
    FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))
  ) AS L
  LEFT JOIN (
    SELECT
      FILE_NAME,
      MAX_BY(FILE_CONTENT_KEY, LOADED_AT) AS FILE_CONTENT_KEY
    FROM CONVEX_STAGE.RAW_{{ source }}
    GROUP BY FILE_NAME
  ) AS R
    ON L.FILE_NAME = R.FILE_NAME;
  {% endfor %}
  LET NEW_FILES NUMBER := (SELECT COUNT_IF(IS_NEW) FROM CONVEX_STAGE.LISTED_FILE);
  RETURN NEW_FILES;
END;
$$;

-- A load must be able to wait until the pipes have loaded what was sent to them. One that is stopped is not waited for.
CREATE OR REPLACE PROCEDURE CONVEX_STAGE.AWAIT_PIPES()
RETURNS VARCHAR
LANGUAGE SQL
COMMENT = 'Returns when no file waits for a pipe that runs, or after an hour'
EXECUTE AS CALLER
AS
$$
DECLARE
  WAITING NUMBER;
  STOPPED NUMBER;
  STATUS VARCHAR;
BEGIN
  FOR TURN IN 1 TO 3600 DO
    WAITING := 0;
    STOPPED := 0;
    SHOW PIPES IN SCHEMA CONVEX_INSURANCE.CONVEX_STAGE;
    LET LISTED RESULTSET := (SELECT "name" AS NAME FROM TABLE(RESULT_SCAN(LAST_QUERY_ID())));
    LET PIPES CURSOR FOR LISTED;
    FOR FED IN PIPES DO
      LET LOOK VARCHAR := 'SELECT SYSTEM$PIPE_STATUS(''CONVEX_INSURANCE.CONVEX_STAGE.' || FED.NAME || ''')';
      LET ANSWER RESULTSET := (EXECUTE IMMEDIATE :LOOK);
      LET FOUND CURSOR FOR ANSWER;
      OPEN FOUND;
      FETCH FOUND INTO STATUS;
      CLOSE FOUND;
      IF (PARSE_JSON(STATUS):executionState::VARCHAR = 'RUNNING') THEN
        WAITING := WAITING + PARSE_JSON(STATUS):pendingFileCount::NUMBER;
      ELSE
        STOPPED := STOPPED + PARSE_JSON(STATUS):pendingFileCount::NUMBER;
      END IF;
    END FOR;
    IF (WAITING = 0 AND STOPPED = 0) THEN
      RETURN 'no file waits';
    ELSEIF (WAITING = 0) THEN
      RETURN STOPPED || ' files wait for pipes that do not run: SYSTEM$PIPE_STATUS says why';
    END IF;
    SELECT SYSTEM$WAIT(1);
  END FOR;
  RETURN WAITING || ' files still wait';
END;
$$;
{% endif %}
{% if load_by == 'copy_new' %}

-- Part of the bucket was loaded by pipes, which COPY does not know: the rest is named to it, a thousand files at a time.
CREATE OR REPLACE PROCEDURE CONVEX_STAGE.COPY_NEW_FILES(WANTED VARCHAR, COPY_STATEMENT VARCHAR)
RETURNS VARCHAR
LANGUAGE SQL
COMMENT = 'Runs a COPY over the files of a source that the raw table does not hold'
EXECUTE AS CALLER
AS
$$
DECLARE
  NAMED NUMBER DEFAULT 0;
BEGIN
  CALL CONVEX_STAGE.LIST_FILES();
  LET NEW_FILES RESULTSET := (
    SELECT
      LISTAGG('''' || REPLACE(FILE_PATH, '''', '''''') || '''', ', ') AS FILES,
      COUNT(*) AS N
    FROM (
      SELECT
        FILE_PATH,
        CEIL(ROW_NUMBER() OVER (ORDER BY FILE_PATH) / 1000) AS PART_NO
      FROM CONVEX_STAGE.LISTED_FILE
      WHERE SOURCE_NAME = :WANTED AND IS_NEW
    )
    GROUP BY PART_NO
  );
  LET PARTS CURSOR FOR NEW_FILES;
  FOR PART IN PARTS DO
    LET STATEMENT VARCHAR := COPY_STATEMENT || ' FILES = (' || PART.FILES || ')';
    EXECUTE IMMEDIATE :STATEMENT;
    NAMED := NAMED + PART.N;
  END FOR;
  RETURN NAMED || ' files were named to COPY';
END;
$$;
{% endif %}
{% if load_by == 'pipe' %}

-- Send the pipes what was stored before they were there. A pipe takes no name twice; what the raw tables hold already, from
-- COPY or from another pipe, is not sent. REFRESH reaches seven days back: what is older must have been loaded before.
CREATE OR REPLACE PROCEDURE CONVEX_STAGE.SEND_TO_PIPES()
RETURNS VARCHAR
LANGUAGE SQL
COMMENT = 'Sends the pipes the files that the raw tables do not hold'
EXECUTE AS CALLER
AS
$$
DECLARE
  FILES NUMBER DEFAULT 0;
BEGIN
  CALL CONVEX_STAGE.LIST_FILES();
  LET NEW_FILES RESULTSET := (
    SELECT
      SOURCE_NAME,
      '' AS PART,
      COUNT(*) AS N
    FROM CONVEX_STAGE.LISTED_FILE
    GROUP BY SOURCE_NAME
    HAVING BOOLAND_AGG(IS_NEW)
    UNION ALL
    SELECT
      SOURCE_NAME,
      ' PREFIX = ''' || REPLACE(FILE_PATH, '''', '''''') || '''',
      1
    FROM CONVEX_STAGE.LISTED_FILE
    WHERE IS_NEW
      AND SOURCE_NAME IN (SELECT SOURCE_NAME FROM CONVEX_STAGE.LISTED_FILE WHERE NOT IS_NEW)
    ORDER BY
      SOURCE_NAME,
      PART
  );
  LET PARTS CURSOR FOR NEW_FILES;
  FOR FED IN PARTS DO
    LET STATEMENT VARCHAR := 'ALTER PIPE CONVEX_STAGE.' || FED.SOURCE_NAME || '_PIPE REFRESH' || FED.PART;
    EXECUTE IMMEDIATE :STATEMENT;
    FILES := FILES + FED.N;
  END FOR;
  RETURN FILES || ' files were sent';
END;
$$;

-- From now on COPY does not know all that is loaded.
INSERT INTO CONVEX_STAGE.PIPE_LOAD (SINCE)
SELECT CURRENT_TIMESTAMP()
WHERE NOT EXISTS (SELECT SINCE FROM CONVEX_STAGE.PIPE_LOAD);

-- A pipe that is replaced forgets what it has loaded and what waits for it: let it load that first.
CALL CONVEX_STAGE.AWAIT_PIPES();
{% endif %}
