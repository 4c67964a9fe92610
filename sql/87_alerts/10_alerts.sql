-- The alerts belong to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- What should be told, whether it was told or not: one row for each cause. Of a task the last attempt counts: what a retry
-- has made good, or is about to, is no news. Days are judged among themselves, by the median and the median deviation from
-- it, which one odd day does not move; at least a week of them makes a usual band.
CREATE OR REPLACE VIEW CONVEX_CONTROL.ALERT_CAUSE
COMMENT = 'Causes for alerts; grain: one cause'
AS
SELECT
  'failed_task' AS KIND,
  'failed_task:' || RUN_GROUP || ':' || TASK_NAME || ':' || COALESCE(ERROR_CODE, STATE) AS CAUSE_KEY,
  'error' AS SEVERITY,
  'Task ' || TASK_NAME || ' failed: ' || COALESCE(ERROR_MESSAGE, STATE) || COALESCE(' [query ' || QUERY_ID || ']', '') AS TEXT
FROM (
  SELECT *
  FROM CONVEX_CONTROL.TASK_RUN
  QUALIFY ATTEMPT = MAX(ATTEMPT) OVER (PARTITION BY RUN_GROUP, TASK_NAME)
) AS LAST_ATTEMPT
WHERE STATE IN ('FAILED', 'FAILED_AND_AUTO_SUSPENDED', 'CANCELLED')
UNION ALL
SELECT
  'missing_day',
  'missing_day:' || DATEADD(DAY, 1, D.FILE_DAY)::VARCHAR,
  'warning',
  'No purchases of ' || DATEADD(DAY, 1, D.FILE_DAY)::VARCHAR
  || IFF(D.NEXT_DAY > DATEADD(DAY, 2, D.FILE_DAY), ' to ' || DATEADD(DAY, -1, D.NEXT_DAY)::VARCHAR, '')
  || ' have come, of later days they have'
FROM (
  SELECT
    FILE_DAY,
    LEAD(FILE_DAY) OVER (ORDER BY FILE_DAY) AS NEXT_DAY
  FROM CONVEX_CONTROL.CURRENT_FILE
  WHERE SOURCE_NAME = 'transactions' AND FILE_DAY IS NOT NULL
  GROUP BY FILE_DAY
) AS D
WHERE D.NEXT_DAY > DATEADD(DAY, 1, D.FILE_DAY)
UNION ALL
SELECT
  'count_out_of_band',
  'count_out_of_band:' || B.FILE_DAY::VARCHAR,
  'warning',
  B.N || ' purchases of ' || B.FILE_DAY::VARCHAR || '; usual are ' || GREATEST(0, ROUND(B.USUAL - B.BAND)) || ' to '
  || ROUND(B.USUAL + B.BAND)
FROM (
  SELECT
    M.*,
    {{ band_deviations }} * GREATEST(1.4826 * MEDIAN(ABS(M.N - M.USUAL)) OVER (), SQRT(M.USUAL)) AS BAND
  FROM (
    SELECT
      F.FILE_DAY,
      SUM(F.ROWS_LOADED) AS N,
      MEDIAN(SUM(F.ROWS_LOADED)) OVER () AS USUAL,
      COUNT(*) OVER () AS DAYS
    FROM (
      SELECT
        FILE_DAY,
        ROWS_LOADED
      FROM CONVEX_CONTROL.CURRENT_FILE
      WHERE SOURCE_NAME = 'transactions' AND FILE_DAY IS NOT NULL
      QUALIFY ROW_NUMBER() OVER (PARTITION BY FILE_CONTENT_KEY, FILE_SIZE ORDER BY FILE_NAME) = 1
    ) AS F
    GROUP BY F.FILE_DAY
  ) AS M
) AS B
WHERE B.DAYS >= 7 AND ABS(B.N - B.USUAL) > B.BAND
UNION ALL
SELECT
  'rejected_share',
  'rejected_share:' || RUN_GROUP,
  'warning',
  ROWS_REJECTED || ' of ' || ROWS_LOADED || ' rows were rejected, more than ' || {{ rejected_percent }} || ' %'
FROM CONVEX_CONTROL.JOB_RUN
WHERE ROWS_REJECTED * 100 > {{ rejected_percent }} * ROWS_LOADED;

-- The causes that nobody has been told of.
CREATE OR REPLACE VIEW CONVEX_CONTROL.DUE_ALERT
COMMENT = 'Causes without an alert'
AS
SELECT C.*
FROM CONVEX_CONTROL.ALERT_CAUSE AS C
LEFT JOIN CONVEX_CONTROL.ALERT AS A
  ON C.CAUSE_KEY = A.CAUSE_KEY
WHERE A.CAUSE_KEY IS NULL;

-- Raise the alerts of one kind, or of all (NULL), once for each cause. While a kind is silenced, new ones of it are born silent.
CREATE OR REPLACE PROCEDURE CONVEX_CONTROL.RAISE_ALERTS(WANTED VARCHAR)
RETURNS NUMBER
LANGUAGE SQL
COMMENT = 'Fills ALERT'
AS
$$
BEGIN
  MERGE INTO CONVEX_CONTROL.ALERT AS A
  USING (
    SELECT
      C.*,
      S.SILENCED_UNTIL,
      S.SILENCED_BY
    FROM CONVEX_CONTROL.DUE_ALERT AS C
    LEFT JOIN (
      SELECT
        KIND,
        SILENCED_UNTIL,
        SILENCED_BY
      FROM CONVEX_CONTROL.ALERT
      WHERE SILENCED_UNTIL > CURRENT_TIMESTAMP()
      QUALIFY ROW_NUMBER() OVER (PARTITION BY KIND ORDER BY SILENCED_UNTIL DESC) = 1
    ) AS S
      ON C.KIND = S.KIND
    WHERE C.KIND = COALESCE(:WANTED, C.KIND)
  ) AS N
    ON A.CAUSE_KEY = N.CAUSE_KEY
  WHEN NOT MATCHED THEN INSERT
    (CAUSE_KEY, KIND, SEVERITY, TEXT, RAISED_AT, SILENCED_UNTIL, SILENCED_BY)
  VALUES
    (N.CAUSE_KEY, N.KIND, N.SEVERITY, N.TEXT, CURRENT_TIMESTAMP(), N.SILENCED_UNTIL, N.SILENCED_BY);
  RETURN SQLROWCOUNT;
END;
$$;
{% for kind in ['failed_task', 'missing_day', 'count_out_of_band', 'rejected_share'] %}

-- Watch for {{ kind | replace('_', ' ') }}: look every so often, and raise what is new.
CREATE OR REPLACE ALERT CONVEX_CONTROL.{{ kind | upper }}
  WAREHOUSE = CONVEX_WH
  SCHEDULE = {{ alert_schedule | quote }}
  COMMENT = 'Raises alerts: {{ kind | replace('_', ' ') }}'
  IF (EXISTS (SELECT CAUSE_KEY FROM CONVEX_INSURANCE.CONVEX_CONTROL.DUE_ALERT WHERE KIND = '{{ kind }}'))
  THEN CALL CONVEX_INSURANCE.CONVEX_CONTROL.RAISE_ALERTS('{{ kind }}');

-- Switch that watch on.
ALTER ALERT CONVEX_CONTROL.{{ kind | upper }} RESUME;
{% endfor %}

-- Now and then close the books of runs that ended without their finalizer, so that what failed in them is told, too.
CREATE OR REPLACE ALERT CONVEX_CONTROL.UNSETTLED_RUNS
  WAREHOUSE = CONVEX_WH
  SCHEDULE = {{ alert_schedule | quote }}
  COMMENT = 'Closes the books of runs that ended without their finalizer'
  IF (EXISTS (SELECT RUN_GROUP FROM CONVEX_INSURANCE.CONVEX_CONTROL.UNSETTLED_RUN))
  THEN CALL CONVEX_INSURANCE.CONVEX_CONTROL.SETTLE_RUNS(NULL);

-- Switch that on, too.
ALTER ALERT CONVEX_CONTROL.UNSETTLED_RUNS RESUME;
