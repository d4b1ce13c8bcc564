package io.oplog.server.http;

/** The last answer of a connection: another server's, whose bytes are passed through. */
final class TunnelAnswer extends Answer {
  private final RequestHead head;
  private byte[] request;

  /**
   * @param request what that server is asked
   */
  TunnelAnswer(HttpConnection connection, RequestHead head, byte[] request) {
    super(connection, head.cors(), true);
    this.head = head.closing();
    this.request = request;
    this.done = true;
  }

  /** What is asked; once, since it may be long and the answer lasts. */
  byte[] takeRequest() {
    byte[] taken = request;
    request = new byte[0];
    return taken;
  }

  /** What is said in its place when that server cannot be reached. */
  byte[] refused(Reply reply, ResponseBuffer out) {
    connection().counters().answered(reply.status());
    reply.render(out, cors, true, head.isHead());
    return out.take();
  }

  @Override
  boolean takesOver() {
    return true;
  }

  /** Nothing: the answer is the other server's, head and all. */
  @Override
  void render(ResponseBuffer out) {}
}
