package io.oplog.client.sync;

import io.oplog.client.IngestClient;
import io.oplog.client.IngestClient.Receipt;
import io.oplog.client.ReconnectingStream;
import io.oplog.client.SourceStep;
import io.oplog.client.StreamClient;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Filter;
import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** A log behind a server. Connections mend themselves as the clients' policies say. */
public final class RemoteLog implements SyncLog {
  /** A longer list is not worth a request line that some proxy refuses. */
  private static final int MAX_TYPES_CHARS = 2000;

  private final StreamClient streams;
  private final IngestClient ingest;
  private final Duration patience;

  /**
   * @param patience how long a stream that has more to tell may tell nothing; zero for ever
   */
  public RemoteLog(StreamClient streams, IngestClient ingest, Duration patience) {
    this.streams = streams;
    this.ingest = ingest;
    this.patience = patience;
  }

  @Override
  public EventId states(Set<String> types, Changes heard) throws IOException, InterruptedException {
    try (ReconnectingStream stream = streams.replicateWithTombstones(filter(types))) {
      while (true) {
        StreamEvent event = stream.next(patience);
        if (event instanceof StreamEvent.Change change) {
          heard.changed(change.id(), change.operation());
        } else if (event instanceof StreamEvent.Reset) {
          heard.restart();
        } else if (event instanceof StreamEvent.Live live) {
          return live.id();
        }
      }
    }
  }

  private static Filter filter(Set<String> types) {
    int chars = types.stream().mapToInt(type -> type.length() + 1).sum();
    return chars > MAX_TYPES_CHARS ? Filter.ALL : new Filter(types, Set.of());
  }

  @Override
  public EventId end() throws IOException, InterruptedException {
    return EventId.parse(streams.positionOfNow(Filter.ALL, patience));
  }

  @Override
  public EventId follow(EventId after, long through, Changes heard)
      throws IOException, InterruptedException {
    EventId last = after;
    boolean caughtUp = false;
    try (ReconnectingStream stream = streams.reconnecting(Filter.ALL, after.toString())) {
      while (!caughtUp || last.sequence() < through) {
        StreamEvent event = stream.next(patience);
        if (event instanceof StreamEvent.Change change) {
          last = change.id();
          heard.changed(last, change.operation());
        } else if (event instanceof StreamEvent.Live) {
          caughtUp = true;
        } else if (event instanceof StreamEvent.Reset reset) {
          throw new HistoryLostException(reset.reason());
        }
      }
    }
    return last;
  }

  @Override
  public Optional<String> position(String source) throws IOException, InterruptedException {
    return ingest.position(source);
  }

  @Override
  public Receipt send(byte[] ndjson, SourceStep step) throws IOException, InterruptedException {
    return ingest.publish(ndjson, Optional.of(step));
  }

  @Override
  public Receipt move(SourceStep step) throws IOException, InterruptedException {
    return ingest.move(step);
  }
}
