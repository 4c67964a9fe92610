-- Tasks belong to the pipeline's role, and run as it.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- The last task of every run, however the run went: it writes down what happened, counts, and puts the rules. It reports the
-- raw rows that the run has loaded, and the rows that it wrote here.
CREATE OR REPLACE TASK CONVEX_CONTROL.FINISH_CONVEX
  WAREHOUSE = CONVEX_WH
  COMMENT = 'Writes the control schema after each run'
  FINALIZE = CONVEX_CONTROL.LOAD_CONVEX
AS
BEGIN
  LET REPORT VARCHAR := '';
  CALL CONVEX_INSURANCE.CONVEX_CONTROL.FINISH_RUN(
    SYSTEM$TASK_RUNTIME_INFO('CURRENT_TASK_GRAPH_RUN_GROUP_ID')
  ) INTO :REPORT;
  CALL SYSTEM$SET_RETURN_VALUE(:REPORT);
END;
