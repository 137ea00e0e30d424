"""What runs as the listener: knows the engine and PostgreSQL, but no Odoo, so that a thousand
connections need less memory than one registry.

Reads from its standard input, once, a JSON object: ``path`` and ``package`` and ``folder`` as
:mod:`..process_main` gets them; ``keepers``, the arguments of each Keeper; ``parent``, the process with
which it ends, or null; ``log``, the name of a file or null, and ``level``.
"""

import importlib
import json
import logging
import logging.handlers
import os
import signal
import sys
import threading
import types

#: Seconds between two looks whether the parent is still there.
LOOK = 1
FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def main(settings):
    """Listen until a signal arrives, or the parent is gone.

    :param dict settings: see above
    """
    sys.path[:] = settings["path"]
    package = settings["package"]
    sys.modules[package] = addon = types.ModuleType(package)
    addon.__path__ = [settings["folder"]]
    handlers = [logging.handlers.WatchedFileHandler(settings["log"])] if settings["log"] else None
    logging.basicConfig(format=FORMAT, level=settings["level"], handlers=handlers)
    keeper = importlib.import_module(f"{package}.workers.listening.keeper")
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stopping.set())
    keepers = [keeper.Keeper(**arguments) for arguments in settings["keepers"]]
    threads = [threading.Thread(target=keeper.run, daemon=True) for keeper in keepers]
    for thread in threads:
        thread.start()
    parent = settings["parent"]
    while not stopping.wait(LOOK) and (parent is None or os.getppid() == parent):
        pass
    for keeper in keepers:
        keeper.stop()
    for thread in threads:
        thread.join(10)


if __name__ == "__main__":
    main(json.load(sys.stdin))
