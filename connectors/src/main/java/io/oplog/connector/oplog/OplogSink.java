package io.oplog.connector.oplog;

import io.oplog.client.IngestClient;
import io.oplog.client.RefusedException;
import io.oplog.client.RefusedException.Reason;
import io.oplog.client.SourceStep;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Scan;
import io.oplog.core.relay.Sink;
import io.oplog.core.relay.UnusableException;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationLines;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Another oplog, over HTTP. It stores a batch and the source's position in one write, and refuses a
 * batch that does not follow what it has, so each operation arrives exactly once however often it
 * is sent. What it will never take, as larger than its limits, is left out of the batch and told.
 */
public final class OplogSink implements Sink<Operation> {
  private final IngestClient ingest;
  private final Reconciliation reconciliation;

  /**
   * @param ingest one that gives up after some seconds: the relay tries again, and tells why
   * @param reconciliation with the log behind it
   */
  public OplogSink(IngestClient ingest, Reconciliation reconciliation) {
    this.ingest = ingest;
    this.reconciliation = reconciliation;
  }

  @Override
  public Optional<String> position(String source) throws IOException, InterruptedException {
    return ingest.position(source);
  }

  @Override
  public Receipt put(String source, Optional<String> from, Batch<Operation> batch)
      throws IOException, InterruptedException {
    SourceStep step = new SourceStep(source, from, batch.to());
    List<Operation> left = new ArrayList<>(batch.changes());
    List<Refusal> refused = new ArrayList<>();
    while (!left.isEmpty()) {
      try {
        return receipt(ingest.publish(OperationLines.of(left), Optional.of(step)), refused);
      } catch (RefusedException e) {
        if (e.reason() == Reason.TOO_LARGE && left.size() > 1) {
          return new TooLong();
        }
        refused.add(refusal(left.remove(refusedIndex(e, left.size())), e));
      }
    }
    return receipt(ingest.move(step), refused);
  }

  @Override
  public Receipt reconcile(
      String source, Optional<String> from, Scan<Operation> scan, String reason)
      throws IOException, InterruptedException {
    String to = reconciliation.run(scan, from.isEmpty());
    return receipt(ingest.move(new SourceStep(source, from, to)), List.of());
  }

  private static Receipt receipt(IngestClient.Receipt receipt, List<Refusal> refused) {
    return switch (receipt) {
      case IngestClient.Stored _ -> new Stored(refused);
      case IngestClient.Elsewhere _ -> new Elsewhere();
    };
  }

  /**
   * Which operation a refusal is about.
   *
   * @throws RefusedException when it is about none
   */
  private static int refusedIndex(RefusedException e, int count) throws RefusedException {
    if (e.reason() == Reason.TOO_LARGE && count == 1) {
      return 0;
    }
    if (e.reason() == Reason.INVALID && e.line().isPresent() && e.line().getAsLong() <= count) {
      return (int) e.line().getAsLong() - 1;
    }
    throw e;
  }

  private static Refusal refusal(Operation operation, RefusedException e) {
    return new Refusal(operation.type() + "/" + operation.id(), String.valueOf(e.getMessage()));
  }

  /** Asks for the position of a source that nobody has. */
  @Override
  public void check() throws IOException, InterruptedException {
    try {
      Optional<String> _ = ingest.position("oplog-check");
    } catch (RefusedException e) {
      throw new UnusableException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Connections end when they are idle. */
  @Override
  public void close() {}
}
