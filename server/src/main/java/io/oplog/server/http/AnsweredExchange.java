package io.oplog.server.http;

import io.netty.buffer.ByteBuf;

/** A request that is answered whatever its body says: the body is passed over. */
final class AnsweredExchange implements Exchange {
  /** A longer body is not worth reading: the connection ends instead. */
  static final int MAX_PASSED_OVER = 64 << 10;

  private final HttpConnection connection;
  private final Answer answer;
  private int passed;

  AnsweredExchange(HttpConnection connection, Answer answer) {
    this.connection = connection;
    this.answer = answer;
  }

  @Override
  public void content(ByteBuf piece, boolean last) {
    passed += piece.readableBytes();
    if (passed > MAX_PASSED_OVER) {
      connection.reject(Replies.tooLarge(MAX_PASSED_OVER));
    } else if (last) {
      connection.enqueue(answer);
    }
  }

  @Override
  public void release() {
    // holds nothing
  }
}
