"""A receiver's check of one delivery, with Python's standard library alone.

usage: verify.py SECRET WEBHOOK-ID WEBHOOK-TIMESTAMP WEBHOOK-SIGNATURE X-SIGNATURE-256 < body
"""
import base64
import hashlib
import hmac
import sys

secret, message_id, timestamp, signatures, legacy = sys.argv[1:6]
body = sys.stdin.buffer.read()

key = base64.b64decode(secret[len("whsec_"):]) if secret.startswith("whsec_") else secret.encode("utf-8")
content = message_id.encode("utf-8") + b"." + timestamp.encode("utf-8") + b"." + body
expected = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode("ascii")
if not any(hmac.compare_digest(expected, signature) for signature in signatures.split(" ")):
    sys.exit("webhook-signature does not fit")

expected = "sha256=" + hmac.new(secret.encode("utf-8"), body, hashlib.sha256).hexdigest()
if not hmac.compare_digest(expected, legacy):
    sys.exit("x-signature-256 does not fit")
