"""The cases, one a module, run in the order of :data:`CASES`.

A case has ``run(setting)``, which measures and returns a dict of figures; a case that measures
inside Odoo also has ``main(env, request)``, which ``setting.inside_odoo`` calls there.
"""

CASES = (
    "strangers", "filing", "fetchmail", "scan", "idle", "accounts", "rounds", "hostile", "far",
    "memory", "sending", "seconds", "tab", "screen", "search", "growth", "cost", "neighbour",
)  # fmt: skip
