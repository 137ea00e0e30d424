def uninstall_hook(env):
    """Remove the jobs that still wait: without this addon nothing could run them."""
    env["queue.job"].sudo().search(
        [
            ("model_name", "=", "member.mail.account"),
            ("method_name", "=", "_scan_job"),
            ("state", "in", ("wait_dependencies", "pending", "enqueued")),
        ]
    ).unlink()
