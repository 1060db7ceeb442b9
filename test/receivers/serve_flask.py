"""Starts a Flask application on Flask's own server, on a free loopback port that it tells."""

import logging

from werkzeug.serving import make_server


def serve(app):
    logging.disable()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(server.port, flush=True)
    server.serve_forever()
