"""Faults for :class:`.proxy.FaultProxy`: functions of an Exchange."""

import re
import time

#: Seconds of a delay that a client must simply bear.
DELAY = 0.3

#: Bytes that come one by one before the rest.
DRIPPED = 200


# -- connections that end ------------------------------------------------------------------------


def cut_unsent(exchange):
    """The connection ends before the server hears the command."""
    exchange.hang_up()


def cut_before_answer(exchange):
    """The server does what it was asked to, but its answer is lost."""
    exchange.ask()
    exchange.hang_up()


def cut_in_answer(exchange):
    """The connection ends in the middle of a literal, or of a line."""
    answer = exchange.ask()
    exchange.send(answer.data[: answer.middle])
    exchange.hang_up()


def cut_before_tagged(exchange):
    """Everything but the last line is sent."""
    exchange.send(exchange.ask().untagged)
    exchange.hang_up()


def cut_in_tagged(exchange):
    """The last line stops short of its end."""
    exchange.send(exchange.ask().data[:-3])
    exchange.hang_up()


def reset(exchange):
    """Half an answer, then RST."""
    answer = exchange.ask()
    exchange.send(answer.data[: answer.middle])
    exchange.hang_up(reset=True)


# -- connections that hang -----------------------------------------------------------------------


def stall(exchange):
    """No answer, ever."""
    exchange.ask()
    exchange.stall()


def stall_in_answer(exchange):
    """Half an answer, and no more."""
    answer = exchange.ask()
    exchange.send(answer.data[: answer.middle])
    exchange.stall()


def stall_before_tagged(exchange):
    """Everything but the last line, and no more."""
    exchange.send(exchange.ask().untagged)
    exchange.stall()


# -- slow ones, which are not wrong --------------------------------------------------------------


def delay(exchange):
    """The answer is late."""
    answer = exchange.ask()
    time.sleep(DELAY)
    exchange.send(answer.data)


def drip(exchange):
    """The answer begins byte by byte."""
    data = exchange.ask().data
    for place in range(min(DRIPPED, len(data))):
        exchange.send(data[place : place + 1])
    exchange.send(data[DRIPPED:])


# -- answers that arrive broken ------------------------------------------------------------------


def truncate(exchange):
    """Bytes are missing in the middle of a literal, or at the end of the last line."""
    answer = exchange.ask()
    place = answer.middle if answer.literals else len(answer.data) - 6
    exchange.send(answer.data[:place] + answer.data[place + 5 :])
    # What follows is only what the next command brings.


def garble_lines(exchange):
    """Every other FETCH line arrives garbled, or else the last line does."""
    answer = exchange.ask()
    if not answer.literals:
        exchange.send(answer.untagged + _flipped(answer.tagged))
        return
    data, last = bytearray(), 0
    for number, (start, end) in enumerate(answer.literals):
        line = answer.data[last:start]
        data += _flipped(line) if number % 2 else line
        data += answer.data[start:end]
        last = end
    exchange.send(bytes(data) + answer.data[last:])


def garble_tag(exchange):
    """The last line has another tag."""
    answer = exchange.ask()
    exchange.send(answer.untagged + b"ZZ99" + answer.tagged)


def wrong_count(exchange, difference=-7):
    """A literal is announced shorter than it is, or the answer gets a line that is none."""
    answer = exchange.ask()
    if not answer.literals:
        exchange.send(b"no line of IMAP\r\n" + answer.data)
        return
    start, end = answer.literals[len(answer.literals) // 2]
    head = re.sub(
        rb"\{(\d+)\}\r\n$",
        lambda match: b"{%d}\r\n" % max(int(match[1]) + difference, 0),
        answer.data[:start],
    )
    exchange.send(head + answer.data[start:])


def wrong_count_up(exchange):
    """A literal is announced longer than it is."""
    wrong_count(exchange, difference=7)


def _flipped(line):
    """A line with every third byte flipped, except its end and an announced literal."""
    body = re.sub(rb"(\{\d+\})?\r\n$", b"", line)
    end = line[len(body) :]
    return bytes(b ^ 0x15 if n % 3 == 1 else b for n, b in enumerate(body)) + end


# -- servers that say no -------------------------------------------------------------------------


def answers(text):
    """A fault: the server answers ``text`` instead of doing what it was asked."""

    def refuse(exchange):
        if not exchange.line:
            exchange.send(f"* {text}\r\n".encode())
            exchange.hang_up()
        exchange.send(exchange.tag + f" {text}\r\n".encode())

    refuse.__name__ = text
    return refuse


def bye(exchange):
    """The server throws us out."""
    exchange.send(b"* BYE Too many simultaneous connections\r\n")
    exchange.hang_up()


# -- servers that say more than they were asked --------------------------------------------------


def chatter(exchange):
    """Unasked news of other messages in front of the answer and in the middle of it."""
    answer = exchange.ask()
    news = (
        b"* OK [ALERT] The server goes down for maintenance tonight.\r\n"
        b"* 3 FETCH (FLAGS (\\Seen \\Answered))\r\n"
        b"* 4 FETCH (UID 4 FLAGS (\\Seen))\r\n"
        b"* NO Disk space is low\r\n"
    )
    exchange.send(news)
    lines = re.match(rb"(?:\* [^{\r\n]*\r\n)*", answer.untagged)[0]
    exchange.send(lines + news + answer.data[len(lines) :])


def expunges(exchange):
    """The server says that messages came and went: sequence numbers mean something else now."""
    answer = exchange.ask()
    exchange.send(b"* 2 EXPUNGE\r\n* 2 EXPUNGE\r\n* 99 EXISTS\r\n* 7 RECENT\r\n" + answer.data)
