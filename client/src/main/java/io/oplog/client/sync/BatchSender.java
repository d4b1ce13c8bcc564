package io.oplog.client.sync;

import io.oplog.client.Publisher.Elsewhere;
import io.oplog.client.Publisher.Receipt;
import io.oplog.client.Publisher.Stored;
import io.oplog.client.RefusedException;
import io.oplog.client.RefusedException.Reason;
import io.oplog.client.SourceStep;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationLines;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Sends batches, one at a time, beside producers who know nothing of it.
 *
 * <p>Each batch was made from what the log says up to a position. Between that position and the
 * batch's own place somebody else may have changed one of its objects; then the log ends with ours,
 * which knew nothing of it. So after each batch the log is followed through it, and what was
 * overwritten is sent again, as a batch that is treated in the same way. The token that is stored
 * with a batch says from where the log is to be followed, so whoever runs next can do it as well.
 * Thread-confined.
 */
final class BatchSender {
  private static final int MAX_BATCH_BYTES = 4 << 20;

  private final SyncLog log;
  private final int most;
  private final ObjectSet touched;
  private final SyncProgress progress;
  private EventId position;
  private Optional<String> standing;
  private int mostBytes = MAX_BATCH_BYTES;
  private long repeated;

  /**
   * Sends nothing yet.
   *
   * @param position the log is known up to here
   * @param standing the source's position
   * @param touched gets all objects that somebody else changes from now on
   */
  BatchSender(
      SyncLog log,
      int most,
      EventId position,
      Optional<String> standing,
      ObjectSet touched,
      SyncProgress progress) {
    this.log = log;
    this.most = most;
    this.position = position;
    this.standing = standing;
    this.touched = touched;
    this.progress = progress;
  }

  EventId position() {
    return position;
  }

  long repeated() {
    return repeated;
  }

  /** Follows the log to its end. */
  void catchUp() throws IOException, InterruptedException {
    position =
        log.follow(
            position,
            0,
            (id, operation) -> touched.add(Hash64.ofObject(operation.type(), operation.id())));
  }

  /**
   * Sends the first of some operations, as many as fit a batch, and whatever must be sent again.
   *
   * @return how many of them were sent
   */
  int send(List<Operation> operations) throws IOException, InterruptedException {
    return send(operations, List.of(), List.of());
  }

  /**
   * Sends a batch.
   *
   * @param unfinished what remains to be followed after it
   * @param unlessWhole what remains only if some of the operations did not fit
   */
  private int send(List<Operation> operations, List<Window> unfinished, List<Window> unlessWhole)
      throws IOException, InterruptedException {
    while (true) {
      List<Operation> batch = fitting(operations);
      List<Window> others = new ArrayList<>(unfinished);
      if (batch.size() < operations.size()) {
        others.addAll(0, unlessWhole);
      }
      try {
        send(batch, others);
        return batch.size();
      } catch (RefusedException e) {
        if (e.reason() != Reason.TOO_LARGE || batch.size() == 1) {
          throw e;
        }
        mostBytes = lines(batch).length / 2;
      }
    }
  }

  private List<Operation> fitting(List<Operation> operations) {
    OperationLines lines = new OperationLines();
    int count = 0;
    while (count < operations.size() && count < most) {
      lines.addOperation(operations.get(count));
      if (count > 0 && lines.length() > mostBytes) {
        return operations.subList(0, count);
      }
      count++;
    }
    return operations.subList(0, count);
  }

  private static byte[] lines(List<Operation> batch) {
    OperationLines lines = new OperationLines();
    batch.forEach(lines::addOperation);
    return Arrays.copyOf(lines.bytes(), lines.length());
  }

  private void send(List<Operation> batch, List<Window> others)
      throws IOException, InterruptedException {
    Window window = Window.of(position, batch);
    List<Window> unfinished = new ArrayList<>(List.of(window));
    unfinished.addAll(others.subList(0, Math.min(others.size(), Standing.MOST_WINDOWS - 1)));
    String token = Standing.of(unfinished).token();
    Receipt receipt = log.send(lines(batch), new SourceStep(Sync.SOURCE, standing, token));
    Optional<EventId> last = requireStored(receipt).lastEventId().map(EventId::parse);
    standing = Optional.of(token);
    settle(window, last.map(id -> heard(batch, id)), others);
  }

  private static OwnBatch heard(List<Operation> batch, EventId last) {
    return new OwnBatch(batch, last.sequence() - batch.size() + 1, true);
  }

  private static Stored requireStored(Receipt receipt) throws TryAgainException {
    if (receipt instanceof Elsewhere) {
      throw new TryAgainException(
          "another oplog sync works on the same log, and was there first; run again when it is done");
    }
    return (Stored) receipt;
  }

  /** Sends again what a batch has overwritten, until that is nothing. */
  private void settle(Window window, Optional<OwnBatch> heard, List<Window> others)
      throws IOException, InterruptedException {
    Optional<OwnBatch> own = heard.isPresent() ? heard : search(window);
    boolean done = own.isEmpty();
    while (!done) {
      List<Operation> overwritten = overwritten(window, own.get());
      done = overwritten.isEmpty() || sendAgain(overwritten, window, others);
    }
  }

  /** Whether all fitted one batch, which then answers for what became of them. */
  private boolean sendAgain(List<Operation> overwritten, Window window, List<Window> others)
      throws IOException, InterruptedException {
    int sent = send(overwritten, others, List.of(window));
    repeated += sent;
    return sent == overwritten.size();
  }

  private Optional<OwnBatch> search(Window window) throws IOException, InterruptedException {
    BatchSearch search = new BatchSearch(window);
    position = log.follow(window.after(), 0, search);
    if (search.found().isEmpty()) {
      noteGap(window.count());
    }
    return search.found();
  }

  private List<Operation> overwritten(Window window, OwnBatch own)
      throws IOException, InterruptedException {
    Settlement settlement = new Settlement(window, own, touched);
    position = log.follow(window.after(), own.last(), settlement);
    if (settlement.hasGap()) {
      noteGap(window.count());
    }
    return settlement.overwritten();
  }

  private void noteGap(int objects) {
    progress.note(
        "the log no longer holds what came just before a batch of "
            + objects
            + " operations: a change of that moment may be hidden by it until the next sync");
  }

  /** Finishes what an earlier run has left. */
  void recover(Standing left) throws IOException, InterruptedException {
    List<Window> windows = left.unfinished();
    for (int i = 0; i < windows.size(); i++) {
      try {
        settle(windows.get(i), Optional.empty(), windows.subList(i + 1, windows.size()));
      } catch (HistoryLostException e) {
        noteGap(windows.get(i).count());
      }
    }
    finish();
  }

  /** Nothing is left to do. */
  void finish() throws IOException, InterruptedException {
    if (standing.isEmpty()) {
      return;
    }
    String token = Standing.of(List.of()).token();
    requireStored(log.move(new SourceStep(Sync.SOURCE, standing, token)));
    standing = Optional.of(token);
  }

  Optional<String> standing() {
    return standing;
  }
}
