package io.oplog.server.http;

/** What has taken a connection over from HTTP. Confined to the connection's event loop. */
interface Takeover {
  /** The connection was closed by the client, or from outside. Idempotent. */
  void gone();
}
