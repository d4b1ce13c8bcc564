package io.oplog.server.http;

import io.oplog.protocol.Quoted;

/**
 * What of a request's head its answer needs.
 *
 * @param path the path without the query, for the log
 * @param cors header lines for the request's origin
 * @param closes whether the connection ends after the answer
 * @param isHead whether the answer's body is left out
 */
@SuppressWarnings("ArrayRecordComponent") // shared ready bytes, never changed
record RequestHead(String path, byte[] cors, boolean closes, boolean isHead) {

  /** The path for the log. A target that is no path may hold anything, secrets too. */
  String shownPath() {
    return path.startsWith("/") ? Quoted.of(path) : "a target that is no path";
  }

  RequestHead closing() {
    return closes ? this : new RequestHead(path, cors, true, isHead);
  }
}
