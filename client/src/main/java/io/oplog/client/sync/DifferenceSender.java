package io.oplog.client.sync;

import io.oplog.client.sync.Difference.Operations;
import io.oplog.client.sync.SyncProgress.Phase;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sends a difference batch by batch, without what others have changed since it was made. */
final class DifferenceSender {
  private final Difference difference;
  private final BatchSender sender;
  private final ObjectSet touched;
  private final SyncProgress progress;
  private final List<Entry> waiting = new ArrayList<>();
  private long passed;

  DifferenceSender(
      Difference difference, BatchSender sender, ObjectSet touched, SyncProgress progress) {
    this.difference = difference;
    this.sender = sender;
    this.touched = touched;
    this.progress = progress;
  }

  /**
   * Sends everything. The first batch is a single operation: from then on each position that is
   * followed from is that of an operation which the log holds, whatever retention did before.
   */
  void run(int batch) throws IOException, InterruptedException {
    try (Operations operations = difference.open()) {
      fill(operations, 1);
      while (!waiting.isEmpty()) {
        sendSome();
        fill(operations, batch);
      }
    }
  }

  private void fill(Operations operations, int batch) throws IOException {
    waiting.removeIf(this::isDropped);
    boolean more = true;
    while (more && waiting.size() < batch) {
      Optional<Entry> next = operations.next();
      next.filter(entry -> !isDropped(entry)).ifPresent(waiting::add);
      more = next.isPresent();
    }
  }

  /** What somebody else changed since is left alone. */
  private boolean isDropped(Entry entry) {
    Operation operation = entry.operation();
    boolean dropped = touched.contains(Hash64.ofObject(operation.type(), operation.id()));
    if (dropped) {
      passed++;
      if (entry.order() == Difference.COUNTED) {
        difference
            .tally()
            .recount(operation.type(), Difference.verdict(operation), Verdict.LEFT_ALONE);
      }
    }
    return dropped;
  }

  private void sendSome() throws IOException, InterruptedException {
    int sent = sender.send(waiting.stream().map(Entry::operation).toList());
    waiting.subList(0, sent).clear();
    passed += sent;
    progress.reached(Phase.SENDING, passed, difference.size());
  }
}
