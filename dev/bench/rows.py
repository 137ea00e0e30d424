"""Many rows at once, by SQL: what a benchmark can't wait for the ORM to make."""


def multiply(record, count, **columns):
    """Insert ``count - 1`` copies of a record, with the ids that follow its own.

    :param columns: SQL for what differs, of the copy's number ``n``
    """
    columns["id"] = f"{record.id} + n"
    names = [name for name, field in record._fields.items() if field.store and field.column_type]
    values = [columns.get(name, f'r."{name}"') for name in names]
    quoted = ", ".join(f'"{name}"' for name in names)
    table = record._table
    record.env.cr.execute(
        f"""
        INSERT INTO {table} ({quoted})
        SELECT {", ".join(values)}
          FROM {table} AS r, generate_series(1, {count} - 1) AS n WHERE r.id = {record.id};
        SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))
        """
    )
