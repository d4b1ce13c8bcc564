package io.oplog.server.crash;

import java.io.IOException;

/** The way to a server, or to any of several: asked anew for each connection. Thread-safe. */
interface Access {
  Wire connect() throws IOException;

  static Access to(int port) {
    return () -> Wire.connect(port);
  }
}
