"""What sends in a process of its own (see :mod:`.scanner`)."""


def send(env):
    """Work off the queue."""
    env["mail.mail"]._cron_send_member_mail()
