"""A MailKite endpoint on Flask, after the vendor's advice: the raw bytes are verified before anything reads them."""

import hashlib
import hmac
import json
import os
import re
import time

from flask import Flask, jsonify, request
from serve_flask import serve

SECRET = os.environ["HOOK_SECRET"].encode()
app = Flask(__name__)
processed = {}


@app.get("/processed")
def tell():
    return jsonify(list(processed))


@app.post("/hook")
def hook():
    if request.mimetype != "application/json":
        return "", 415
    body = request.get_data()
    if not is_signed(request.headers.get("X-MailKite-Signature", ""), body):
        return "", 401
    try:
        event = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return "", 400
    if not isinstance(event, dict) or not isinstance(event.get("id"), str):
        return "", 400
    processed[event["id"]] = True
    return "", 200


def is_signed(header, body):
    parts = re.fullmatch(r"t=(\d{1,16}),v1=([0-9a-f]{64})", header, re.ASCII)
    if parts is None or abs(time.time() * 1000 - int(parts[1])) > 300_000:
        return False
    expected = hmac.new(SECRET, parts[1].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected, parts[2])


serve(app)
