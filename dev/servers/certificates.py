"""Certificates for the test servers: an authority of our own and a certificate for localhost, and for
the names that tests lead to them."""

import ipaddress
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: Names beside localhost that the certificate is good for; so are those one label below all but
#: the last.
DOMAINS = (
    "club.example",
    "provider.example",
    "xn--mnchen-3ya.example",
    "autoconfig.thunderbird.net",
)
_NAMES = ("localhost", *DOMAINS, *(f"*.{domain}" for domain in DOMAINS[:-1]))

_PEM = serialization.Encoding.PEM

#: An authority signs certificates, and does nothing else.
_CA_USAGE = x509.KeyUsage(
    key_cert_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def make_certificates(folder, hosts=()):
    """Write ``ca.pem``, ``server.pem`` and ``server.key`` for localhost and `DOMAINS` into ``folder``
    (a Path).

    Those that are there are kept while they are good for another day, and for all ``hosts``: further
    addresses that the server may be reached at.
    """
    addresses = [ipaddress.ip_address(host) for host in ("127.0.0.1", *hosts)]
    ca_file, server_file = folder / "ca.pem", folder / "server.pem"
    if server_file.exists():
        certificate = x509.load_pem_x509_certificate(server_file.read_bytes())
        lasting = certificate.not_valid_after_utc > datetime.now(timezone.utc) + timedelta(days=1)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if (
            lasting
            and set(addresses) <= set(names.get_values_for_type(x509.IPAddress))
            and set(_NAMES) <= set(names.get_values_for_type(x509.DNSName))
        ):
            return
    ca_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _number in range(2))
    # OpenSSL finds an authority by its name, so two of ours must not share one.
    authority = f"Test authority {x509.random_serial_number():x}"[:60]
    ca = _builder(authority, authority, ca_key, ca_key, is_ca=True)
    ca_file.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(_PEM))
    names = x509.SubjectAlternativeName(
        [*map(x509.DNSName, _NAMES), *map(x509.IPAddress, addresses)]
    )
    server = _builder("localhost", authority, server_key, ca_key, is_ca=False)
    server = server.add_extension(names, critical=False)
    server_file.write_bytes(server.sign(ca_key, hashes.SHA256()).public_bytes(_PEM))
    (folder / "server.key").write_bytes(
        server_key.private_bytes(
            _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _builder(subject, issuer, key, issuer_key, is_ca):
    def name(common_name):
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])

    now = datetime.now(timezone.utc)
    public, issuer_public = key.public_key(), issuer_key.public_key()
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365))
        .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
        # RFC 5280 wants these, and Python 3.13 insists on it.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public), critical=False
        )
    )
    return builder.add_extension(_CA_USAGE, critical=True) if is_ca else builder
