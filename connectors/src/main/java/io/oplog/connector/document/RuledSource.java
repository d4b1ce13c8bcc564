package io.oplog.connector.document;

import io.oplog.connector.document.DocumentOperations.UnknownObjectException;
import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.PositionLostException;
import io.oplog.core.relay.Scan;
import io.oplog.core.relay.Source;
import io.oplog.core.relay.Start;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A source of documents, told as operations by {@link Rules}. What is not told document by
 * document, as that a collection was dropped, is a lost position: a scan finds out what is left.
 */
public final class RuledSource implements Source<Operation> {
  private final Source<DocumentChange> documents;
  private final Rules rules;
  private Optional<String> sought = Optional.empty();

  /** Why changes alone do not lead on from the position that was sought. */
  private @Nullable String reason;

  /** Closes the other source when it is closed. */
  public RuledSource(Source<DocumentChange> documents, Rules rules) {
    this.documents = documents;
    this.rules = rules;
  }

  @Override
  public String name() throws IOException, InterruptedException {
    return documents.name();
  }

  @Override
  public Start<Operation> seek(Optional<String> position) throws IOException, InterruptedException {
    boolean isLost = reason != null && position.equals(sought);
    Start<DocumentChange> start = documents.seek(isLost ? Optional.empty() : position);
    if (isLost && start instanceof Start.Lost<DocumentChange>(_, var scan)) {
      return new Start.Lost<>(String.valueOf(reason), new RuledScan(scan));
    }
    sought = position;
    reason = null;
    return switch (start) {
      case Start.Resumed<DocumentChange> _ -> new Start.Resumed<>();
      case Start.Renamed<DocumentChange> _ -> new Start.Renamed<>();
      case Start.Lost<DocumentChange>(String why, var scan) ->
          new Start.Lost<>(why, new RuledScan(scan));
    };
  }

  @Override
  public Optional<Batch<Operation>> next(int maxBytes, Duration wait)
      throws IOException, InterruptedException {
    Optional<Batch<DocumentChange>> batch = documents.next(maxBytes, wait);
    if (batch.isEmpty()) {
      return Optional.empty();
    }
    List<Operation> operations = new ArrayList<>(batch.get().changes().size());
    for (DocumentChange change : batch.get().changes()) {
      add(change, operations);
    }
    return Optional.of(new Batch<>(operations, batch.get().to()));
  }

  private void add(DocumentChange change, List<Operation> operations) throws IOException {
    switch (change) {
      case DocumentChange.Gone gone when rules.concerns(gone) ->
          throw lost(gone.namespace() + " was dropped or renamed");
      case DocumentChange.Gone _ -> {}
      case DocumentChange.Document document -> operations.addAll(operations(document));
    }
  }

  private List<Operation> operations(DocumentChange.Document document) throws IOException {
    Optional<Rule> rule = rules.of(document.namespace());
    try {
      return rule.isEmpty() ? List.of() : new DocumentOperations(rule.get(), document).list();
    } catch (UnknownObjectException e) {
      throw lost(String.valueOf(e.getMessage()));
    }
  }

  private PositionLostException lost(String why) {
    reason = why;
    return new PositionLostException(why);
  }

  /** A scan of documents, told as operations. */
  private final class RuledScan implements Scan<Operation> {
    private final Scan<DocumentChange> scan;

    RuledScan(Scan<DocumentChange> scan) {
      this.scan = scan;
    }

    @Override
    public long beginsAtMillis() {
      return scan.beginsAtMillis();
    }

    @Override
    public String read(Taker<? super Operation> taker) throws IOException, InterruptedException {
      return scan.read(
          new Taker<DocumentChange>() {
            @Override
            public void take(DocumentChange change) throws IOException, InterruptedException {
              List<Operation> operations = new ArrayList<>();
              add(change, operations);
              for (Operation operation : operations) {
                taker.take(operation);
              }
            }

            @Override
            public void restart() throws IOException {
              taker.restart();
            }
          });
    }

    @Override
    public String skip() throws IOException, InterruptedException {
      return scan.skip();
    }
  }

  @Override
  public void acknowledged(String position) throws IOException {
    sought = Optional.of(position);
    documents.acknowledged(position);
  }

  @Override
  public Backlog backlog() throws IOException {
    return documents.backlog();
  }

  @Override
  public void check() throws IOException, InterruptedException {
    documents.check();
  }

  @Override
  public void close() {
    documents.close();
  }
}
