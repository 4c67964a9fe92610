-- Tasks belong to the pipeline's role, and run as it.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Switch the finalizer on. It depends on no task, so what comes next may leave it out.
ALTER TASK CONVEX_CONTROL.FINISH_CONVEX RESUME;

-- Start the clock: every task is switched on, the leaves first and the root last.
SELECT SYSTEM$TASK_DEPENDENTS_ENABLE('CONVEX_INSURANCE.CONVEX_CONTROL.LOAD_CONVEX');
