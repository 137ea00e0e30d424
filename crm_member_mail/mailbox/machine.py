"""What ails our own machine: which exceptions mean that no mailbox, mail server or email is to blame.

Without this, too many open files look like a server that does not exist, and too little memory like a
certificate that nobody should trust.
"""

import errno
import os
import socket
import ssl

from .errors import MailboxError

#: The codes of what the system says.
_BY_NUMBER = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EMFILE: "no_files",
    errno.ENFILE: "no_files",
    errno.ENOMEM: "no_memory",
    errno.ENOBUFS: "no_memory",
}

#: What PostgreSQL says (appendix A of its manual): its disk is full, its memory is used up.
_BY_STATE = {"53100": "database_full", "53200": "no_memory"}

#: `gaierror`: the name service does not answer, or fails. What it does not know is another matter.
_NAME_SERVICE = (socket.EAI_AGAIN, socket.EAI_FAIL)

#: OpenSSL's X509_V_ERR_OUT_OF_MEM; and what it says when it knows no authority for a certificate:
#: X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, _DEPTH_ZERO_SELF_SIGNED_CERT, _SELF_SIGNED_CERT_IN_CHAIN,
#: _UNABLE_TO_GET_ISSUER_CERT_LOCALLY and _UNABLE_TO_VERIFY_LEAF_SIGNATURE.
_NO_MEMORY, _NO_AUTHORITY = 17, (2, 18, 19, 20, 21)


def trouble(error, host=""):
    """The MailboxError for an exception that our own machine is to blame for; None for all others.

    :param BaseException error: of Python, the socket or ssl module, or a database's driver
    :param str host: name of the server that was to be reached
    """
    code = _code_of(error)
    return code and MailboxError(code, _words(error), host)


def _code_of(error):
    if isinstance(error, MemoryError):
        return "no_memory"
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return "no_memory"
    if state := getattr(error, "pgcode", None):
        return _BY_STATE.get(state)
    if isinstance(error, socket.gaierror):
        return _code_of_name(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code == _NO_MEMORY:
            return "no_memory"
        # The authorities are in files, too, and OpenSSL does not say that it could not open them.
        return "no_files" if error.verify_code in _NO_AUTHORITY and not _has_files() else None
    if isinstance(error, ssl.SSLError):
        return "no_memory" if "malloc" in str(error).lower() else None
    return _BY_NUMBER.get(error.errno) if isinstance(error, OSError) else None


def _code_of_name(error):
    if error.errno == socket.EAI_MEMORY:
        return "no_memory"
    # The resolver opens files and sockets, and says nothing of it when it could not.
    if not _has_files():
        return "no_files"
    if error.errno == socket.EAI_SYSTEM:
        # What the system said is lost on its way through Python.
        return "name_service"
    return "name_service" if error.errno in _NAME_SERVICE else None


def _has_files():
    """Whether this process may open more files. Two, because one is free again: the socket over which
    something has just gone wrong is closed already."""
    opened = []
    try:
        while len(opened) < 2:
            opened.append(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno not in (errno.EMFILE, errno.ENFILE)
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return True


def _words(error):
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
