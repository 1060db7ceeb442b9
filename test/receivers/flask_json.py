"""A MailKite endpoint on Flask as it is often written first: get_json(), the work, and then the HMAC over the JSON dumped anew."""

import hashlib
import hmac
import json
import os

from flask import Flask, jsonify, request
from serve_flask import serve

app = Flask(__name__)
processed = []


@app.get("/processed")
def tell():
    return jsonify(processed)


@app.post("/hook")
def hook():
    event = request.get_json()
    if event["id"] not in processed:
        processed.append(event["id"])
    t, v1 = (part.split("=")[1] for part in request.headers["X-MailKite-Signature"].split(","))
    dumped = json.dumps(event, separators=(",", ":"))
    expected = hmac.new(os.environ["HOOK_SECRET"].encode(), f"{t}.{dumped}".encode(), hashlib.sha256).hexdigest()
    if v1 == expected:
        return "", 204
    return "bad signature", 401


serve(app)
