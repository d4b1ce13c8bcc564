package io.oplog.client.sync;

import io.oplog.client.sync.SyncProgress.Phase;
import io.oplog.client.sync.sort.Entry;
import io.oplog.client.sync.sort.EntryFile;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Sends a difference batch by batch, without what others have changed since it was made. */
final class DifferenceSender {
  private final Difference difference;
  private final BatchSender sender;
  private final ForeignChanges foreign;
  private final Refusals refusals;
  private final SyncProgress progress;
  private final List<Entry> waiting = new ArrayList<>();
  private long passed;

  DifferenceSender(
      Difference difference,
      BatchSender sender,
      ForeignChanges foreign,
      Refusals refusals,
      SyncProgress progress) {
    this.difference = difference;
    this.sender = sender;
    this.foreign = foreign;
    this.refusals = refusals;
    this.progress = progress;
  }

  /**
   * Sends everything. Until the first operation is stored each is sent alone: from then on each
   * position that is followed from is that of an operation which the log holds, whatever retention
   * did before.
   */
  void run(int batch) throws IOException, InterruptedException {
    progress.reached(Phase.SENDING, 0, difference.size());
    try (EntryFile.Reader operations = difference.open()) {
      fill(operations, 1);
      while (!waiting.isEmpty()) {
        sendSome();
        fill(operations, sender.sent() == 0 ? 1 : batch);
      }
    }
  }

  private void fill(EntryFile.Reader operations, int batch) throws IOException {
    waiting.removeIf(this::isDropped);
    while (waiting.size() < batch) {
      Entry next = operations.next();
      if (next == null) {
        return;
      }
      if (!isDropped(next)) {
        waiting.add(next);
      }
    }
  }

  /** What somebody else changed since is left alone, and what the server refuses left out. */
  private boolean isDropped(Entry entry) {
    Operation operation = entry.operation();
    boolean isRefused = refusals.contains(operation);
    boolean isForeign = foreign.contains(operation);
    if (isRefused) {
      discount(entry);
    } else if (isForeign) {
      leaveAlone(entry);
    }
    passed += isRefused || isForeign ? 1 : 0;
    return isRefused || isForeign;
  }

  /** It is not sent. */
  private void discount(Entry entry) {
    if (entry.order() == Difference.COUNTED) {
      Operation operation = entry.operation();
      difference.verdicts().discount(operation.type(), Difference.verdict(operation));
    }
  }

  private void leaveAlone(Entry entry) {
    discount(entry);
    if (entry.order() == Difference.COUNTED) {
      difference.verdicts().count(entry.operation().type(), Verdict.LEFT_ALONE);
    }
  }

  private void sendSome() throws IOException, InterruptedException {
    List<Entry> done =
        waiting.subList(0, sender.send(waiting.stream().map(Entry::operation).toList()));
    done.stream().filter(entry -> refusals.contains(entry.operation())).forEach(this::discount);
    passed += done.size();
    done.clear();
    progress.reached(Phase.SENDING, sender.sent(), sender.sent() + difference.size() - passed);
  }
}
