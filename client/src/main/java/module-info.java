/** The consumer and producer half of oplog, on the JDK and the protocol alone. */
module io.oplog.client {
  requires static com.google.errorprone.annotations;
  requires static org.jspecify;
  requires transitive java.net.http;
  requires transitive io.oplog.protocol;

  exports io.oplog.client;
  exports io.oplog.client.mirror;
}
