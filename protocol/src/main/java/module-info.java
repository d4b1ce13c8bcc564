/**
 * The model of oplog and its codecs: operations, event ids, filters, cursors; JSON and SSE bytes.
 */
module io.oplog.protocol {
  requires static com.google.errorprone.annotations;
  requires static org.jspecify;
  requires tools.jackson.core;

  exports io.oplog.protocol;
}
