#!/usr/bin/env python3
"""Expands the specification.yml files of SD-JWT and SD-JWT VC with PyPI sd-jwt 0.10.4 into one JSON file of vectors each.

    expand_examples.py EXAMPLES_DIRECTORY OUTPUT_DIRECTORY

EXAMPLES_DIRECTORY is `examples/` of github.com/oauth-wg/oauth-selective-disclosure-jwt or oauth-sd-jwt-vc. Salts follow
from the seed in its settings.yml; signatures and the time of the key binding are new at each run. Examples in JSON
serialisation are left out: Kist reads the compact form alone.
"""

import json
import sys
from pathlib import Path

from sd_jwt.holder import SDJWTHolder
from sd_jwt.issuer import SDJWTIssuer
from sd_jwt.utils.demo_utils import get_jwk, load_yaml_settings
from sd_jwt.utils.yaml_specification import load_yaml_specification, remove_sdobj_wrappers
from sd_jwt.verifier import SDJWTVerifier


def expand(path, settings):
    example = load_yaml_specification(path)
    if example.get("serialization_format", "compact") != "compact":
        return None
    key_settings = settings["key_settings"]
    key_settings.setdefault("issuer_key", key_settings.get("issuer_keys", [None])[0])
    keys = get_jwk(key_settings, True, settings["random_seed"])
    verifier, nonce = settings["identifiers"]["verifier"], settings["key_binding_nonce"]
    claims = {"iss": settings["identifiers"]["issuer"], "iat": settings["iat"], "exp": settings["exp"]}
    claims.update(example["user_claims"])
    bound = example.get("key_binding", False)

    issuer = SDJWTIssuer(
        claims,
        keys["issuer_key"],
        keys["holder_key"] if bound else None,
        add_decoy_claims=example.get("add_decoy_claims", False),
        extra_header_parameters=example.get("extra_header_parameters", {}),
    )
    holder = SDJWTHolder(issuer.sd_jwt_issuance)
    binding = (nonce, verifier, keys["holder_key"]) if bound else (None, None, None)
    holder.create_presentation(example["holder_disclosed_claims"], *binding)
    verified = SDJWTVerifier(
        holder.sd_jwt_presentation, lambda *_: keys["issuer_public_key"], binding[1], binding[0]
    ).get_verified_payload()
    return {
        "issuer_jwk": json.loads(keys["issuer_public_key"].export_public()),
        "claims": remove_sdobj_wrappers(example["user_claims"]),
        "issuance": issuer.sd_jwt_issuance,
        "presentation": holder.sd_jwt_presentation,
        "key_binding": {"nonce": nonce, "aud": verifier} if bound else None,
        "verified": verified,
    }


def main():
    examples, output = Path(sys.argv[1]), Path(sys.argv[2])
    settings = load_yaml_settings(examples / "settings.yml")
    SDJWTIssuer.unsafe_randomness = True
    for path in sorted(examples.glob("*/specification.yml")):
        vector = expand(path, settings)
        if vector:
            text = json.dumps(vector, indent=1, ensure_ascii=False)
            (output / f"{path.parent.name}.json").write_text(text + "\n")


main()
