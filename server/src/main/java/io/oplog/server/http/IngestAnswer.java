package io.oplog.server.http;

import io.oplog.core.engine.IngestCompletion;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.SourceMove;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.EventId;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a body that was queued: made on the writer's thread, sent on the connection's loop.
 */
final class IngestAnswer extends Answer implements IngestCompletion {
  private static final byte[] NO_CONTENT = ascii("HTTP/1.1 204 No Content\r\n");
  private static final byte[] EVENT_ID = ascii("Oplog-Event-Id: ");
  private static final byte[] CLOSE = ascii("Connection: close\r\n");
  private static final byte[] LINE_END = ascii("\r\n");

  private final @Nullable SourceMove move;
  private @Nullable Outcome outcome;

  IngestAnswer(HttpConnection connection, RequestHead head, @Nullable SourceMove move) {
    super(connection, head.cors(), head.closes());
    this.move = move;
  }

  @Override
  public void completed(Outcome result) {
    outcome = result;
    connection().loop().completions().push(this);
  }

  @Override
  public void failed(StoreException cause) {
    connection().loop().completions().push(this);
  }

  @Override
  void render(ResponseBuffer out) {
    switch (outcome) {
      case Outcome.Stored stored -> stored(out, stored.last());
      case Outcome.SourceConflict conflict -> reply(out, conflict(conflict.stored()));
      case null -> reply(out, Replies.STORE_DOWN);
    }
  }

  private void stored(ResponseBuffer out, @Nullable EventId last) {
    connection().counters().stored();
    out.put(NO_CONTENT);
    out.putDate();
    out.put(cors);
    if (last != null) {
      out.put(EVENT_ID);
      out.put(last.toString());
      out.put(LINE_END);
    }
    if (closes) {
      out.put(CLOSE);
    }
    out.put(LINE_END);
  }

  private void reply(ResponseBuffer out, Reply reply) {
    connection().counters().answered(reply.status());
    reply.render(out, cors, closes, false);
  }

  private Reply conflict(@Nullable String stored) {
    String source = move == null ? "" : move.source();
    String detail =
        stored == null
            ? "source " + source + " has no position yet"
            : "source " + source + " stands at another position";
    return Reply.problem(409, detail).with(SourceHeader.NAME, SourceHeader.format(source, stored));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
