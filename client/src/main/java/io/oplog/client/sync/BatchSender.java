package io.oplog.client.sync;

import io.oplog.client.IngestClient.Elsewhere;
import io.oplog.client.IngestClient.Receipt;
import io.oplog.client.IngestClient.Stored;
import io.oplog.client.RefusedException;
import io.oplog.client.RefusedException.Reason;
import io.oplog.client.SourceStep;
import io.oplog.client.sync.sort.Entry;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationLines;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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

  /** So often an operation is sent again because what was sent before it overwrote another. */
  private static final int MOST_ROUNDS = 100;

  private final SyncLog log;
  private final int most;
  private final ForeignChanges foreign;
  private final Refusals refusals;
  private final SyncProgress progress;
  private EventId position;
  private Optional<String> standing;
  private int mostBytes = MAX_BATCH_BYTES;

  /** Fewer than {@link #most} while the server refuses: of each batch it names one operation. */
  private int atOnce;

  private long sent;
  private long repeated;
  private int mostForgotten;

  /** The newest first. */
  private final Deque<Unsettled> unsettled = new ArrayDeque<>();

  /**
   * A batch that may have overwritten something.
   *
   * @param own where it is in the log, once that is known
   * @param round of how many batches, each sent for the one before, it is the end
   */
  private record Unsettled(Window window, Optional<OwnBatch> own, int round) {}

  /**
   * Sends nothing yet.
   *
   * @param position the log is known up to here
   * @param standing the source's position
   * @param foreign gets all objects that somebody else changes from now on
   * @param refusals gets all objects that the server refuses
   */
  BatchSender(
      SyncLog log,
      int most,
      EventId position,
      Optional<String> standing,
      ForeignChanges foreign,
      Refusals refusals,
      SyncProgress progress) {
    this.log = log;
    this.most = most;
    this.atOnce = most;
    this.position = position;
    this.standing = standing;
    this.foreign = foreign;
    this.refusals = refusals;
    this.progress = progress;
  }

  EventId position() {
    return position;
  }

  /** How many operations of the difference were sent. */
  long sent() {
    return sent;
  }

  long repeated() {
    return repeated;
  }

  /** Follows the log to its end. */
  void catchUp() throws IOException, InterruptedException {
    position = log.follow(position, 0, (id, operation) -> foreign.add(operation));
  }

  /**
   * Sends the first of some operations, as many as fit a batch, and whatever must be sent again.
   *
   * @return how many of them are done with: those that were sent, and those of objects that the
   *     server refuses
   * @throws TryAgainException when an object is changed beside each repetition of its operation
   */
  int send(List<Operation> operations) throws IOException, InterruptedException {
    int done = sendFitting(operations, 0, Optional.empty());
    while (!unsettled.isEmpty()) {
      settleNewest();
    }
    return done;
  }

  /**
   * Sends a batch, which is then to be settled; nothing where all are refused.
   *
   * @param remaining what is to be settled again, unless all operations fitted
   */
  private int sendFitting(List<Operation> operations, int round, Optional<Unsettled> remaining)
      throws IOException, InterruptedException {
    int from = afterRefused(operations, 0);
    while (from < operations.size()) {
      List<Operation> batch = fitting(operations.subList(from, operations.size()));
      boolean whole = from + batch.size() == operations.size();
      try {
        send(batch, round, whole ? Optional.empty() : remaining);
        atOnce = Math.min(most, 2 * atOnce);
        return from + batch.size();
      } catch (RefusedException e) {
        learn(batch, e);
      }
      from = afterRefused(operations, from);
    }
    return from;
  }

  private int afterRefused(List<Operation> operations, int from) {
    int next = from;
    while (next < operations.size() && refusals.contains(operations.get(next))) {
      next++;
    }
    return next;
  }

  /**
   * Takes a refusal for one of too much at once, or of one operation. A refused batch moved
   * nothing.
   *
   * @throws RefusedException when it is neither
   */
  private void learn(List<Operation> batch, RefusedException refusal) throws IOException {
    if (refusal.reason() == Reason.TOO_LARGE && batch.size() > 1) {
      mostBytes = OperationLines.of(batch).length / 2;
      return;
    }
    long line = refusedLine(refusal);
    if (line < 1 || line > batch.size()) {
      throw refusal;
    }
    refusals.add(batch.get((int) line - 1), refusal);
    atOnce = Math.max(1, batch.size() / 2);
  }

  /** 0 where the refusal is about none. */
  private static long refusedLine(RefusedException refusal) {
    return switch (refusal.reason()) {
      case TOO_LARGE -> 1;
      case INVALID -> refusal.line().orElse(0);
      default -> 0;
    };
  }

  /** Up to one that is refused. */
  private List<Operation> fitting(List<Operation> operations) {
    OperationLines lines = new OperationLines();
    int count = 0;
    while (count < operations.size() && count < atOnce) {
      lines.addOperation(operations.get(count));
      boolean fits = count == 0 || lines.length() <= mostBytes;
      if (!fits || refusals.contains(operations.get(count))) {
        return operations.subList(0, count);
      }
      count++;
    }
    return operations.subList(0, count);
  }

  private void send(List<Operation> batch, int round, Optional<Unsettled> remaining)
      throws IOException, InterruptedException {
    Window window = Window.of(position, batch);
    List<Window> unfinished = new ArrayList<>(List.of(window));
    remaining.ifPresent(older -> unfinished.add(older.window()));
    unsettled.forEach(older -> unfinished.add(older.window()));
    String token = Standing.of(remembered(unfinished)).token();
    Receipt receipt =
        log.send(OperationLines.of(batch), new SourceStep(Sync.SOURCE, standing, token));
    Optional<EventId> last = requireStored(receipt).lastEventId().map(EventId::parse);
    standing = Optional.of(token);
    count(batch.size(), round);
    remaining.ifPresent(unsettled::push);
    unsettled.push(new Unsettled(window, last.map(id -> heard(batch, id)), round));
  }

  private void count(int operations, int round) {
    int ours = round == 0 ? operations : 0;
    sent += ours;
    repeated += operations - ours;
    progress.stored(ours, operations - ours);
  }

  /** The newest, as many as a token holds. The others are settled by this run or not at all. */
  private List<Window> remembered(List<Window> unfinished) {
    int surplus = unfinished.size() - Standing.MOST_WINDOWS;
    if (surplus > mostForgotten) {
      mostForgotten = surplus;
      noteForgotten(surplus);
    }
    return unfinished.subList(0, Math.min(unfinished.size(), Standing.MOST_WINDOWS));
  }

  private void noteForgotten(int batches) {
    progress.note(
        String.format(
            "%d batches are unfinished, and the log remembers only %d: should this run be cut,"
                + " changes of others that the %d oldest hide stay hidden until the next sync",
            batches + Standing.MOST_WINDOWS, Standing.MOST_WINDOWS, batches));
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

  /** Sends again what the newest batch has overwritten. */
  private void settleNewest() throws IOException, InterruptedException {
    Unsettled newest = unsettled.pop();
    Optional<OwnBatch> own = newest.own().isPresent() ? newest.own() : search(newest.window());
    if (own.isPresent()) {
      sendAgain(
          overwritten(newest.window(), own.get()),
          new Unsettled(newest.window(), own, newest.round()));
    }
  }

  /** Those that fit one batch, which then answers for what became of them. */
  private void sendAgain(List<Operation> overwritten, Unsettled by)
      throws IOException, InterruptedException {
    if (overwritten.isEmpty()) {
      return;
    }
    if (by.round() == MOST_ROUNDS) {
      throw new TryAgainException(
          String.format(
              "%s was changed beside each of %d batches that sent its newest operation again: it"
                  + " changes faster than can be followed; run again",
              Entry.name(overwritten.get(0)), MOST_ROUNDS));
    }
    sendFitting(overwritten, by.round() + 1, Optional.of(by));
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
    Settlement settlement = new Settlement(window, own, foreign);
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

  /**
   * Finishes what an earlier run has left.
   *
   * @throws TryAgainException when an object is changed beside each repetition of its operation
   */
  void recover(Standing left) throws IOException, InterruptedException {
    left.unfinished()
        .forEach(window -> unsettled.addLast(new Unsettled(window, Optional.empty(), 0)));
    while (!unsettled.isEmpty()) {
      int objects = unsettled.element().window().count();
      try {
        settleNewest();
      } catch (HistoryLostException e) {
        noteGap(objects);
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
