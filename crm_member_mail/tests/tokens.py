"""What Google and Microsoft say of who signed in."""

import base64
import json


def id_token(**claims):
    """An ID token (RFC 7519); nobody looks at its signature."""
    parts = ({"alg": "none"}, claims)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
    return ".".join((*(part.rstrip("=") for part in encoded), "signature"))
