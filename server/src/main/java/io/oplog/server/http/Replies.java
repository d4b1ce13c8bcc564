package io.oplog.server.http;

/** Answers that are always the same. */
final class Replies {
  static final Reply NOT_FOUND =
      Reply.problem(
          404, "there is /, /ops, /status, /healthz, /readyz and /metrics, and nothing else");
  static final Reply NO_OPERATIONS = Reply.empty(204);
  static final String NO_MOVE_TEXT =
      "Oplog-Source moves from a position to the same one: a repetition of this body could not be"
          + " told from it";
  static final Reply NO_MOVE = Reply.problem(400, NO_MOVE_TEXT);
  static final Reply UNAUTHORIZED =
      Reply.problem(401, "a password is needed: HTTP Basic with any user name, or a bearer token")
          .with("WWW-Authenticate", "Basic realm=\"oplog\", charset=\"UTF-8\"")
          .with("WWW-Authenticate", "Bearer realm=\"oplog\"");
  static final Reply NOT_ACCEPTABLE =
      Reply.problem(406, "this is a stream of text/event-stream, which Accept does not allow");
  static final Reply UNSUPPORTED_TYPE =
      Reply.problem(
              415, "a body is application/json or application/x-ndjson, in UTF-8, plain or gzip")
          .with("Accept-Post", "application/json, application/x-ndjson")
          .with("Accept-Encoding", "gzip");
  static final Reply EXPECTATION = Reply.problem(417, "only Expect: 100-continue is understood");
  static final Reply TRANSFER_CODING =
      Reply.problem(501, "only Transfer-Encoding: chunked is understood");
  static final Reply VERSION = Reply.problem(505, "only HTTP/1.1 and HTTP/1.0 are spoken");
  static final Reply TIMEOUT = Reply.problem(408, "the request did not arrive in time");
  static final Reply QUEUE_FULL =
      Reply.problem(429, "the ingest queue is full").with("Retry-After", "1");
  static final Reply BUFFERS_FULL =
      Reply.problem(429, "too many bytes of other bodies wait already").with("Retry-After", "1");
  static final Reply FILTERS_FULL =
      Reply.problem(503, "the filters of all open streams take all the memory they may have")
          .with("Retry-After", "5");
  static final Reply HOST = Reply.problem(400, "HTTP/1.1 wants one Host header");
  static final Reply STOPPING =
      Reply.problem(503, "the server is stopping").with("Retry-After", "5");
  static final Reply STORE_DOWN =
      Reply.problem(503, "the store cannot take operations now; nothing was acknowledged")
          .with("Retry-After", "5");
  static final Reply UPSTREAM_AWAY =
      Reply.problem(503, "the central server, whose stream this is, does not answer")
          .with("Retry-After", "5");
  static final Reply UPSTREAM_REFUSED =
      Reply.problem(
              503, "the central server does not let this agent have its stream: --to-password")
          .with("Retry-After", "30");
  static final Reply TOO_MANY_CONNECTIONS =
      Reply.problem(503, "too many connections are open").with("Retry-After", "5");

  private Replies() {}

  static Reply notAllowed(String allowed) {
    return Reply.problem(405, "allowed here: " + allowed).with("Allow", allowed);
  }

  /** What is packed is measured by what it is unpacked. */
  static Reply tooLargeUnpacked(int limit) {
    return Reply.problem(413, "a body must have at most " + limit + " bytes when it is unpacked");
  }

  static Reply tooLarge(int limit) {
    return Reply.problem(413, "a body must have at most " + limit + " bytes");
  }
}
