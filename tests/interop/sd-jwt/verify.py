#!/usr/bin/env python3
"""PyPI sd-jwt 0.10.4 verifies what Kist issued and presented.

    verify.py ../../vectors/sd-jwt/kist.json
"""

import json
import sys

from jwcrypto.jwk import JWK
from sd_jwt.verifier import SDJWTVerifier

vector = json.load(open(sys.argv[1]))
issuer = JWK(**vector["issuer_jwk"])
binding = vector["key_binding"]

issued = SDJWTVerifier(vector["issuance"], lambda *_: issuer).get_verified_payload()
for name, value in vector["claims"].items():
    assert issued[name] == value, f"issuance: {name} differs"

shown = SDJWTVerifier(vector["presentation"], lambda *_: issuer, binding["aud"], binding["nonce"])
assert shown.get_verified_payload() == vector["verified"], "presentation: claims differ"
print("the peer verifies issuance and presentation")
