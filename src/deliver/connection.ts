import { failure } from './failure-code.ts';
import { openSocket, type ConnectOptions, type WatchedSocket } from './socket.ts';

/** Who uses a connection at the moment. */
export interface ConnectionUser {
  /** The socket is open, and its own. */
  ready(socket: WatchedSocket): void;
  /** Only until it returns do the bytes stay as they are. */
  received(bytes: Buffer): void;
  /** Nothing more will come. An error of the socket, or null for a proper end. Told once. */
  ended(error: Error | null): void;
}

/**
 * A keep-alive connection to one origin that carries one request at a time, so that whatever is known of its socket
 * belongs to that request. It connects when it must, and after a failure it starts afresh.
 */
export class Connection {
  readonly #url: URL;
  readonly #connecting: ConnectOptions;
  #socket: WatchedSocket | null = null;
  #user: ConnectionUser | null = null;

  constructor(url: URL, connecting: ConnectOptions) {
    this.#url = url;
    this.#connecting = connecting;
  }

  get socket(): WatchedSocket | null {
    return this.#socket;
  }

  /** Gives the socket to `user`, opened where it is not; when that fails, `user` is told of the end. */
  use(user: ConnectionUser): void {
    this.#user = user;
    if (this.#socket?.raw.readable && this.#socket.raw.writable) {
      user.ready(this.#socket);
      return;
    }
    const opening = openSocket(this.#url, this.#connecting, {
      done: (error) => {
        if (opening !== this.#socket) return;
        if (error !== null) {
          this.#tellEnd(opening, error);
          return;
        }
        this.#follow(opening);
        user.ready(opening);
      },
      received: (bytes) => {
        if (opening !== this.#socket) return;
        // An answer that nobody asked for would be taken for that to the next request.
        if (this.#user === null) this.discard();
        else this.#user.received(bytes);
      },
    });
    this.#socket = opening;
  }

  /** Keeps the connection for the next request. */
  release(): void {
    this.#user = null;
  }

  /** Drops the connection, whatever state it is in; who uses it is told. */
  discard(): void {
    this.#socket?.raw.destroy();
    this.#socket = null;
    const left = this.#user;
    this.#user = null;
    left?.ended(failure('ABORTED', 'the connection was dropped'));
  }

  #follow(socket: WatchedSocket): void {
    // A TLS alert that ends the connection is known a moment after the end.
    socket.raw.once('end', () => setImmediate(() => this.#tellEnd(socket, socket.socketError)));
    socket.raw.once('close', () => this.#tellEnd(socket, socket.socketError));
  }

  #tellEnd(socket: WatchedSocket, error: Error | null): void {
    if (socket !== this.#socket) return;
    const left = this.#user;
    this.#user = null;
    // Nobody used it: the next request opens another.
    if (left === null) this.discard();
    else left.ended(error);
  }
}
