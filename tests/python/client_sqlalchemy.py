"""snowflake-sqlalchemy, unmodified: create, reflect, query and insert through SQLAlchemy against the served cloud."""

import datetime
from decimal import Decimal

import snowflake.sqlalchemy
import sqlalchemy as sa
from cloud import check, fresh_database, run_checks, served
from snowflake.sqlalchemy import URL, VARIANT
from sqlalchemy.orm import Session, declarative_base

DATABASE = "CLIENT_SQLALCHEMY"


def engine():
    url = URL(
        account=served["account"],
        user=served["user"],
        password=served["password"],
        host=served["host"],
        port=served["port"],
        database=DATABASE,
        schema="PUBLIC",
        warehouse="COMPUTE_WH",
    )
    return sa.create_engine(url, connect_args={"protocol": served["protocol"]})


def tables(metadata):
    customers = sa.Table(
        "customers",
        metadata,
        sa.Column("id", sa.Integer, sa.Sequence("customer_id"), primary_key=True),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("score", sa.Numeric(10, 2)),
        sa.Column("born", sa.Date),
        sa.Column("seen", sa.DateTime),
        sa.Column("extra", VARIANT),
    )
    orders = sa.Table(
        "orders",
        metadata,
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("customer_id", sa.Integer, sa.ForeignKey("customers.id")),
        sa.Column("amount", sa.Float),
        sa.Column("paid", sa.Boolean),
    )
    return customers, orders


@check
def tables_are_made_and_dropped():
    e, metadata = engine(), sa.MetaData()
    tables(metadata)
    metadata.create_all(e)
    metadata.create_all(e)  # what is there stays
    inspector = sa.inspect(e)
    assert {"customers", "orders"} <= set(inspector.get_table_names()), inspector.get_table_names()
    metadata.drop_all(e)
    assert not {"customers", "orders"} & set(sa.inspect(e).get_table_names())


@check
def tables_are_reflected():
    e, metadata = engine(), sa.MetaData()
    tables(metadata)
    metadata.create_all(e)
    with e.begin() as c:
        c.execute(sa.text("CREATE OR REPLACE VIEW rich AS SELECT name FROM customers WHERE score > 10"))
    inspector = sa.inspect(e)
    columns = {c["name"]: c for c in inspector.get_columns("customers")}
    assert isinstance(columns["id"]["type"], (sa.Integer, sa.DECIMAL)) and columns["name"]["nullable"] is False
    assert columns["name"]["type"].length == 50 and columns["score"]["type"].scale == 2
    assert inspector.get_pk_constraint("customers")["constrained_columns"] == ["id"]
    key = inspector.get_foreign_keys("orders")[0]
    assert (key["constrained_columns"], key["referred_table"]) == (["customer_id"], "customers"), key
    assert "rich" in inspector.get_view_names()
    assert "public" in inspector.get_schema_names() and inspector.has_table("orders")
    again = sa.MetaData()
    again.reflect(e)
    assert {"customers", "orders"} <= set(again.tables)


@check
def rows_are_inserted_and_queried():
    e, metadata = engine(), sa.MetaData()
    customers, orders = tables(metadata)
    metadata.drop_all(e)
    metadata.create_all(e)
    with e.begin() as c:
        c.execute(sa.insert(customers).values(id=1, name="Ann", score=Decimal("12.50"), born=datetime.date(1990, 1, 2)))
        c.execute(
            sa.insert(customers),
            [{"id": i, "name": f"n{i}", "score": i, "seen": datetime.datetime(2024, 1, 1)} for i in range(2, 402)],
        )
        c.execute(sa.insert(orders), [{"id": i, "customer_id": i, "amount": i / 2, "paid": i % 2 == 0} for i in range(1, 101)])
    with e.connect() as c:
        assert c.scalar(sa.select(sa.func.count()).select_from(customers)) == 401
        row = c.execute(sa.select(customers).where(customers.c.id == 1)).one()
        assert (row.name, row.score, row.born, row.seen) == ("Ann", Decimal("12.50"), datetime.date(1990, 1, 2), None)
        joined = (
            sa.select(customers.c.name, sa.func.sum(orders.c.amount).label("total"))
            .join(orders, orders.c.customer_id == customers.c.id)
            .where(orders.c.paid)
            .group_by(customers.c.name)
            .order_by(sa.desc("total"))
            .limit(2)
            .offset(1)
        )
        assert [tuple(r) for r in c.execute(joined)] == [("n98", 49.0), ("n96", 48.0)]
        assert c.execute(sa.text("SELECT name FROM customers WHERE id = :id"), {"id": 3}).scalar() == "n3"
    with e.begin() as c:
        assert c.execute(sa.update(customers).where(customers.c.id > 390).values(score=0)).rowcount == 11
        assert c.execute(sa.delete(customers).where(customers.c.id > 395)).rowcount == 6


@check
def a_transaction_rolls_back():
    e = engine()
    with e.begin() as c:
        c.execute(sa.text("CREATE OR REPLACE TABLE undone(a INT)"))
    c = e.connect()
    c.execute(sa.text("INSERT INTO undone VALUES (1)"))
    c.rollback()
    assert c.execute(sa.text("SELECT COUNT(*) FROM undone")).scalar() == 0
    c.execute(sa.text("INSERT INTO undone VALUES (1)"))
    c.commit()
    c.close()
    with e.connect() as c:
        assert c.execute(sa.text("SELECT COUNT(*) FROM undone")).scalar() == 1


@check
def objects_are_mapped():
    base = declarative_base()

    class Thing(base):
        __tablename__ = "things"
        id = sa.Column(sa.Integer, sa.Sequence("thing_id"), primary_key=True)
        name = sa.Column(sa.String(20))

    e = engine()
    base.metadata.create_all(e)
    with Session(e) as session:
        session.add_all([Thing(name="a"), Thing(name="b")])
        session.commit()
        session.bulk_save_objects([Thing(name=f"bulk {i}") for i in range(20)])
        session.commit()
        thing = session.query(Thing).filter_by(name="a").one()
        thing.name = "changed"
        session.commit()
        assert session.query(Thing).count() == 22
        assert session.query(Thing).filter(Thing.name.like("bulk%")).count() == 20
        session.delete(thing)
        session.commit()
        assert session.query(Thing).filter_by(name="changed").count() == 0


@check
def errors_are_the_drivers():
    e = engine()
    with e.connect() as c:
        try:
            c.execute(sa.text("SELECT * FROM nowhere"))
        except sa.exc.ProgrammingError as error:
            assert error.orig.errno == 2003 and error.orig.sqlstate == "42S02"
        else:
            raise AssertionError("not refused")


@check
def frames_are_read():
    import pandas

    with engine().connect() as c:
        frame = pandas.read_sql(sa.text("SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y' ORDER BY 1"), c)
        assert list(frame["a"]) == [1, 2] and list(frame["b"]) == ["x", "y"]


fresh_database(DATABASE)
run_checks({"version": snowflake.sqlalchemy.__version__})
