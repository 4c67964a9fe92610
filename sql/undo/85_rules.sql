-- The rules belong to the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;

-- Remove what puts the rules.
DROP PROCEDURE IF EXISTS CONVEX_CONTROL.CHECK_RULES(VARCHAR);

-- Remove what finds the tables for them.
DROP PROCEDURE IF EXISTS CONVEX_CONTROL.FIND_RULE_TARGETS();

-- Remove the view of purchases to check.
DROP VIEW IF EXISTS CONVEX_CONTROL.UNCHECKED_PURCHASE;

-- Remove the view of files to check.
DROP VIEW IF EXISTS CONVEX_CONTROL.UNCHECKED_FILE;

-- Remove the list of checked tables.
DROP TABLE IF EXISTS CONVEX_CONTROL.RULE_TARGET;

-- Remove the rules.
DROP TABLE IF EXISTS CONVEX_CONTROL.QUALITY_RULE;
