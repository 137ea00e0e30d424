"""Names for tests: a name server that knows what it is told, and names that lead to our servers."""

import contextlib
import enum
import socket
import socketserver
import struct
import threading

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset


class Fault(enum.Enum):
    """How a name server may fail."""

    SILENT = "says nothing"
    SERVFAIL = "can't find out"
    REFUSED = "does not want to"
    TRUNCATED = "over UDP only half of the answer, over TCP all of it"
    RUBBISH = "something that is no answer"


class NameServer:
    """Answers questions to the DNS on 127.0.0.1, over UDP and TCP; a context manager.

    ``records`` are lists of texts as in a zone file, by name and type:
    ``{("club.example", "MX"): ["10 mx.club.example."]}``; may be changed at any time. ``faults`` are
    Faults by name; ``""`` is all names. ``asked`` are the pairs of name and type that it was asked
    for. ``address`` is where it is, as ``127.0.0.1:port``.
    """

    def __init__(self, records=None):
        self.records = dict(records or {})
        self.faults = {}
        self.asked = []
        self._servers = ()

    def __enter__(self):
        while not self._servers:
            tcp = _Tcp(("127.0.0.1", 0), _TcpHandler)
            try:
                # Mail programs expect both at the same port.
                udp = _Udp(tcp.server_address, _UdpHandler)
            except OSError:
                tcp.server_close()
                continue
            self._servers = (tcp, udp)
        self.address = "{}:{}".format(*self._servers[0].server_address)
        for server in self._servers:
            server.names = self
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_exception):
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def clear(self):
        """Forget all records, faults and questions."""
        for memory in (self.records, self.faults, self.asked):
            memory.clear()

    def answer(self, wire, is_udp):
        """The answer (bytes) to a question (bytes), or None."""
        try:
            query = dns.message.from_wire(wire)
            question = query.question[0]
        except (dns.exception.DNSException, IndexError):
            return None
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        fault = self.faults.get(name, self.faults.get(""))
        if fault is Fault.SILENT:
            return None
        if fault is Fault.RUBBISH:
            return wire[:2] + b"\xff" * 60
        response = dns.message.make_response(query)
        if fault in (Fault.SERVFAIL, Fault.REFUSED):
            response.set_rcode(dns.rcode.from_text(fault.name))
        elif fault is Fault.TRUNCATED and is_udp:
            response.flags |= dns.flags.TC
        else:
            self._fill(response, question, name, kind)
        return response.to_wire()

    def _fill(self, response, question, name, kind):
        records = dict(self.records)
        texts = records.get((name, kind))
        if texts:
            response.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, texts))
        elif not any(known == name or known.endswith(f".{name}") for known, _kind in records):
            response.set_rcode(dns.rcode.NXDOMAIN)


class HostTable:
    """Where names lead to, for `socket.getaddrinfo` of this process; a context manager.

    All names that end in .example, and those in ``hosts``, are looked up here and nowhere else.
    ``hosts`` are addresses by name; a name that is not in it does not exist. ``ports`` maps ports, or
    pairs of name and port, to those where our servers really listen, so that nobody has to listen at
    443; a port that is not in it is closed. ``asked`` are the names that were looked up.

    :param hosts: the names, all at 127.0.0.1
    """

    def __init__(self, *hosts):
        self.hosts = dict.fromkeys(hosts, "127.0.0.1")
        self.ports = {}
        self.asked = []
        self._genuine = socket.getaddrinfo
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self._closed = listener.getsockname()[1]

    def __enter__(self):
        socket.getaddrinfo = self._look_up
        return self

    def __exit__(self, *_exception):
        socket.getaddrinfo = self._genuine

    def _look_up(self, host, port, *arguments, **options):
        if host not in self.hosts and not str(host).endswith(".example"):
            return self._genuine(host, port, *arguments, **options)
        self.asked.append(host)
        address = self.hosts.get(host)
        if not address:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        port = self.ports.get((host, port), self.ports.get(port, self._closed))
        return self._genuine(address, port, *arguments, **options)


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True


class _UdpHandler(socketserver.BaseRequestHandler):
    def handle(self):
        wire, sock = self.request
        answer = self.server.names.answer(wire, is_udp=True)
        if answer:
            sock.sendto(answer, self.client_address)


class _TcpHandler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(5)
        with contextlib.suppress(OSError, struct.error):
            (size,) = struct.unpack("!H", self.request.recv(2, socket.MSG_WAITALL))
            answer = self.server.names.answer(
                self.request.recv(size, socket.MSG_WAITALL), is_udp=False
            )
            if answer:
                self.request.sendall(struct.pack("!H", len(answer)) + answer)
