"""Tasks for processes of their own, which import this module, too."""


def run(code):
    """Stands for whatever a task may do; returns the code."""
    exec(code)
    return code


def length(message):
    """The length of an email's text."""
    return len(message.text)


def hungry(_message):
    """Takes more memory than there is."""
    return bytearray(1 << 60)
