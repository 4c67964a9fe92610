#!/usr/bin/env python3
"""Checks the pipeline's SQL with two independent Snowflake parsers: sqlglot and sqlfluff.

Usage: check_sql.py [SQL_DIR]      (needs: pip install sqlglot sqlfluff)

Every file that pipeline.toml names is rendered with the variables' defaults: for key credentials, for a storage
integration, and for each way of loading. sqlfluff must parse all of it. sqlglot must read every query and DML statement, those inside tasks
too; the object kinds that it keeps as unread commands are listed in OPAQUE_TO_SQLGLOT. Exit status 1 on any problem.
"""

import logging
import pathlib
import re
import sys
import tomllib

import jinja2
import sqlfluff
import sqlglot
from sqlglot import exp

logging.disable(logging.CRITICAL)

# What sqlglot accepts without reading it.
OPAQUE_TO_SQLGLOT = (
    "ALTER TASK", "CREATE OR REPLACE TASK", "DROP TASK", "CREATE STREAM", "DROP STREAM", "CREATE USER", "DROP USER",
    "CREATE ROLE", "GRANT ROLE", "GRANT SELECT ON ALL", "GRANT SELECT ON FUTURE", "CREATE MASKING POLICY",
    "DROP MASKING POLICY", "CREATE OR REPLACE ALERT", "ALTER ALERT", "DROP ALERT", "DROP PIPE",
    "CREATE OR REPLACE PIPE", "CALL",
)
# Lines of a scripting block that are no SQL statement of their own.
SCRIPTING = re.compile(r"(BEGIN|END|COMMIT|LET|CALL)\b")


def quote(value):
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


def render(environment, path, variables):
    return environment.get_template(path).render(**variables)


def statements(sql):
    """The text between semicolons that stand outside of scripting blocks; sqlglot's own tokenizer finds them."""
    start, depth = 0, 0
    tokens = sqlglot.tokenize(sql, dialect="snowflake")
    for at, token in enumerate(tokens):
        word, after = token.text.upper(), tokens[at + 1].text.upper() if at + 1 < len(tokens) else ""
        if word in ("BEGIN", "CASE") and after not in ("TRANSACTION", ";"):
            depth += 1
        elif word == "END" and token.token_type != sqlglot.TokenType.STRING:
            depth -= 1
        elif token.token_type == sqlglot.TokenType.SEMICOLON and depth == 0:
            yield sql[start : token.start].strip()
            start = token.end + 1
    if sql[start:].strip():
        yield sql[start:].strip()


def head(sql):
    """A task's statement with a plain body in the place of its scripting block, which sqlglot does not know."""
    parts = sql.split("\nAS\nBEGIN\n", 1)
    return f"{parts[0]}\nAS\nSELECT 1" if len(parts) == 2 else None


def bodies(sql):
    """The statements that a task runs, so that they are parsed as what they are."""
    if "\nAS\n" not in sql or " TASK " not in sql.split("\n", 1)[0]:
        return
    body = sql.split("\nAS\n", 1)[1]
    if not body.startswith("BEGIN"):
        yield body
        return
    for part in re.split(r";\n", body):
        part = re.sub(r"^\s*(BEGIN\s+)+(?!TRANSACTION)", "", part.strip())
        if part and not SCRIPTING.match(part):
            yield part


def without_comments(sql):
    return "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--")).strip()


def check_sqlglot(name, sql, problems):
    count = 0
    for statement in statements(sql):
        count += 1
        plain = without_comments(statement)
        try:
            tree = sqlglot.parse_one(plain if head(plain) is None else head(plain), dialect="snowflake")
        except sqlglot.errors.ParseError as error:
            problems.append(f"sqlglot {name}: {error}\n    {plain.splitlines()[0]}")
            continue
        if isinstance(tree, exp.Command) and not plain.startswith(OPAQUE_TO_SQLGLOT):
            problems.append(f"sqlglot {name}: read only as a command: {plain.splitlines()[0]}")
        for body in bodies(plain):
            count += 1
            try:
                tree = sqlglot.parse_one(body, dialect="snowflake")
                if isinstance(tree, exp.Command):
                    problems.append(f"sqlglot {name}: task body read only as a command: {body.splitlines()[0]}")
            except sqlglot.errors.ParseError as error:
                problems.append(f"sqlglot {name}: task body: {error}\n    {plain.splitlines()[0]}")
    return count


def check_sqlfluff(name, sql, problems):
    result = sqlfluff.lint(sql, dialect="snowflake", rules=["LT12"])
    for violation in result:
        if violation["code"] == "PRS":
            problems.append(f"sqlfluff {name}:{violation['start_line_no']}: {violation['description']}")


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "sql")
    manifest = tomllib.loads((folder / "pipeline.toml").read_text())
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["quote"] = quote
    defaults = {name: given.get("default", "given") for name, given in manifest["variables"].items()}
    ways = {
        "keys": defaults | {"aws_key_id": "AKIA", "aws_secret_key": "it's\\secret", "aws_session_token": "token"},
        "integration": defaults | {"storage_role_arn": "arn:aws:iam::123456789012:role/convex"},
        "pipe": defaults | {"load_by": "pipe"},
        "copy_new": defaults | {"load_by": "copy_new"},
    }
    problems, count = [], 0
    for stage in manifest["stage"]:
        for path in stage["files"] + stage.get("undo", []):
            here = {"stage": stage["id"]}
            rendered = {way: render(environment, path, variables | here) for way, variables in ways.items()}
            for way, sql in rendered.items():
                if way != "keys" and sql == rendered["keys"]:
                    continue
                count += check_sqlglot(f"{path} ({way})", sql, problems)
                check_sqlfluff(f"{path} ({way})", sql, problems)
    for layer in manifest["layer"]:
        if "sql" in layer:
            count += check_sqlglot(f"layer {layer['name']}", layer["sql"], problems)
            check_sqlfluff(f"layer {layer['name']}", layer["sql"] + "\n", problems)
    for problem in problems:
        print(problem)
    print(f"{count} statements, {len(problems)} problems")
    return 1 if problems or count < 100 else 0


if __name__ == "__main__":
    sys.exit(main())
