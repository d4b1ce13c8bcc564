package io.oplog.connector.oplog;

import io.oplog.client.ReconnectingStream;
import io.oplog.client.StreamClient;
import io.oplog.core.relay.Scan;
import io.oplog.protocol.Filter;
import io.oplog.protocol.Operation;
import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.time.Duration;

/** Everything that exists in an oplog: its replication from the beginning. */
final class OplogScan implements Scan<Operation> {
  /** How long a stream that has more to tell may tell nothing. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final String BEGINNING = "0";

  private final StreamClient streams;
  private final Filter filter;
  private final long beginsAtMillis = System.currentTimeMillis();

  OplogScan(StreamClient streams, Filter filter) {
    this.streams = streams;
    this.filter = filter;
  }

  @Override
  public long beginsAtMillis() {
    return beginsAtMillis;
  }

  @Override
  public String read(Taker<? super Operation> taker) throws IOException, InterruptedException {
    boolean isTold = false;
    try (ReconnectingStream stream = streams.reconnecting(filter, BEGINNING)) {
      while (true) {
        StreamEvent event = stream.next(PATIENCE);
        if (event instanceof StreamEvent.Change change) {
          taker.take(change.operation());
          isTold = true;
        } else if (event instanceof StreamEvent.Reset && isTold) {
          taker.restart();
        } else if (event instanceof StreamEvent.Live live) {
          return live.id().toString();
        }
      }
    }
  }

  @Override
  public String skip() throws IOException, InterruptedException {
    return streams.positionOfNow(filter, PATIENCE);
  }
}
