-- Loading is done by the pipeline's role.
USE ROLE CONVEX_ENGINEER;

-- Work with the pipeline's warehouse.
USE WAREHOUSE CONVEX_WH;

-- Work in the pipeline's database.
USE DATABASE CONVEX_INSURANCE;
{% if load_by == 'pipe' %}

-- Send the pipes what was stored before they were there.
CALL CONVEX_STAGE.SEND_TO_PIPES();

-- Wait until they have loaded all of it.
CALL CONVEX_STAGE.AWAIT_PIPES();
{% endif %}
