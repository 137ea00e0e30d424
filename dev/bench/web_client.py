"""What the web client of Odoo 19 asks for: a page of a list, groups, a chart, a pivot table."""

#: Rows of a page, and groups; records that a list counts.
PAGE, COUNTED = 80, 10_001
#: What the list of messages reads of each (see views/member_mail_message_views.xml).
COLUMNS = {
    **dict.fromkeys(
        (
            "direction", "state", "date", "is_unread", "correspondent", "authenticity",
            "has_attachments", "subject", "preview_shown",
        ),
        {},
    ),
    "partner_ids": {"fields": {"display_name": {}}},
    "account_ids": {"fields": {"display_name": {}}},
}  # fmt: skip
ORDER = "date DESC, id DESC"
#: The period that groups, charts and pivot tables begin with: the last 30 days.
PERIOD = [("date", ">=", "today -29d")]


def page(Message, domain=(), order=ORDER):
    """The first page of the list."""
    return Message.web_search_read(
        list(domain), COLUMNS, offset=0, order=order, limit=PAGE, count_limit=COUNTED
    )


def groups(Message, by, domain):
    """The list in groups, all folded."""
    return Message.with_context(read_group_expand=True).web_read_group(
        list(domain), [by], [], limit=PAGE, offset=0, order=ORDER, auto_unfold=False,
        opening_info=[], unfold_read_specification=COLUMNS, unfold_read_default_limit=PAGE,
        groupby_read_specification={},
    )  # fmt: skip


def chart(Message, domain):
    """The chart as it opens: a bar for each day, by direction."""
    return Message.with_context(fill_temporal=True).formatted_read_group(
        list(domain), ["date:day", "direction"], ["__count"]
    )


def pivot(Message, domain):
    """The pivot table as it opens: weeks by direction, with reply times and numbers."""
    sets = [[], ["direction"], ["date:week"], ["date:week", "direction"]]
    return Message.formatted_read_grouping_sets(
        list(domain), sets, ["first_reply_hours:avg", "__count"]
    )
