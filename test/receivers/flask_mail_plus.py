"""A Mail-Plus endpoint on Flask that takes what it finds: every element switched on, every mail new."""

from flask import Flask, jsonify, request
from serve_flask import serve

app = Flask(__name__)
processed = []


@app.get("/processed")
def tell():
    return jsonify(processed)


@app.post("/hook")
def hook():
    mail = request.get_json()
    processed.append(mail["header"]["Message-ID"])
    return f"Thank you, {mail['from']}"


serve(app)
