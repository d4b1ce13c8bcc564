package io.oplog.server.http;

import org.jspecify.annotations.Nullable;

/**
 * An answer in its connection's queue. Answers are sent in the order of their requests, each once
 * it and all before it are done. Confined to the connection's loop, except that another thread may
 * hand it to {@link Completions}.
 */
abstract class Answer {
  private final HttpConnection connection;
  final byte[] cors;
  final boolean closes;

  /** Set on the loop when there is something to send. */
  boolean done;

  /** The next one of the same connection. */
  @Nullable Answer next;

  /** The link of {@link Completions}. */
  @Nullable Answer completedBefore;

  Answer(HttpConnection connection, byte[] cors, boolean closes) {
    this.connection = connection;
    this.cors = cors;
    this.closes = closes;
  }

  HttpConnection connection() {
    return connection;
  }

  /** Whether it takes the connection over, instead of being rendered. */
  boolean takesOver() {
    return false;
  }

  /** Writes the answer's bytes. */
  abstract void render(ResponseBuffer out);

  /** One that was known when it was asked for. */
  static final class Ready extends Answer {
    private final Reply reply;
    private final boolean headOnly;

    Ready(HttpConnection connection, RequestHead head, Reply reply) {
      super(connection, head.cors(), head.closes());
      this.reply = reply;
      this.headOnly = head.isHead();
      this.done = true;
    }

    @Override
    void render(ResponseBuffer out) {
      connection().counters().answered(reply.status());
      reply.render(out, cors, closes, headOnly);
    }
  }

  /** Lets the client go on with a body that it announced; more follows for the same request. */
  static final class Continue extends Answer {
    private static final byte[] LINE = {
      'H', 'T', 'T', 'P', '/', '1', '.', '1', ' ', '1', '0', '0', ' ', 'C', 'o', 'n', 't', 'i', 'n',
      'u', 'e', '\r', '\n', '\r', '\n'
    };

    Continue(HttpConnection connection) {
      super(connection, LINE, false);
      this.done = true;
    }

    @Override
    void render(ResponseBuffer out) {
      out.put(LINE);
    }
  }

  /** One that is made elsewhere, since making it may block. */
  static final class Later extends Answer {
    private final boolean headOnly;
    private @Nullable Reply reply;

    Later(HttpConnection connection, RequestHead head) {
      super(connection, head.cors(), head.closes());
      this.headOnly = head.isHead();
    }

    /** Any thread, once. */
    void complete(Reply made) {
      reply = made;
      connection().loop().completions().push(this);
    }

    @Override
    void render(ResponseBuffer out) {
      Reply made = reply == null ? Reply.problem(500, "no answer was made") : reply;
      connection().counters().answered(made.status());
      made.render(out, cors, closes, headOnly);
    }
  }
}
