package io.oplog.client;

import io.oplog.client.IngestClient.Elsewhere;
import io.oplog.client.IngestClient.Receipt;
import io.oplog.client.RefusedException.Access;
import io.oplog.client.RefusedException.Reason;
import io.oplog.protocol.OperationLimits;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Publishes lines in their order, each exactly once: every batch moves the source's position, which
 * is the number of the last line sent. While one batch is on its way the next is read and checked.
 *
 * <p>A server that takes less at once gets smaller batches. Thread-confined but for {@link #stop};
 * for one input.
 */
public final class Upload {
  /** Half of what a server takes by default. */
  private static final int MAX_BATCH_BYTES = 4 * 1024 * 1024;

  /** How large an operation may be is the server's to say. */
  private static final OperationLimits ANY_SIZE =
      new OperationLimits(
          MAX_BATCH_BYTES,
          MAX_BATCH_BYTES,
          MAX_BATCH_BYTES,
          MAX_BATCH_BYTES,
          MAX_BATCH_BYTES,
          1000);

  private final IngestClient ingest;
  private final String source;
  private final long batchLines;
  private final Progress progress;
  private final LineCheck check = new LineCheck(ANY_SIZE);
  private OptionalLong position = OptionalLong.empty();
  private long skipThrough;
  private boolean asked;

  /** Larger batches are sent in halves: the server has refused them. */
  private int mostBytes = MAX_BATCH_BYTES;

  private @Nullable Sent inFlight;
  private volatile boolean stopping;

  private Upload(
      IngestClient ingest, String source, long batchLines, Progress progress, boolean isNew) {
    SourceStep.requireToken("source", source);
    this.ingest = ingest;
    this.source = source;
    this.batchLines = batchLines;
    this.progress = progress;
    this.asked = isNew;
  }

  /**
   * An upload of a source that was never used before: it starts with the first line.
   *
   * @param batchLines lines sent together
   * @throws IllegalArgumentException when {@code source} is not a name
   */
  public static Upload fresh(
      IngestClient ingest, String source, long batchLines, Progress progress) {
    return new Upload(ingest, source, batchLines, progress, true);
  }

  /** As {@link #fresh}, but one that the server knows goes on after the line it had reached. */
  public static Upload resuming(
      IngestClient ingest, String source, long batchLines, Progress progress) {
    return new Upload(ingest, source, batchLines, progress, false);
  }

  /** Hears how far the upload is; called on the uploading thread. */
  @FunctionalInterface
  public interface Progress {
    /**
     * More was stored.
     *
     * @param operations stored by this batch
     * @param throughLine the last line that is stored
     */
    void stored(long operations, long throughLine);

    /** The server had these lines from an earlier run. */
    default void skipped(long throughLine) {}
  }

  /** A batch that was sent but not answered. */
  private record Sent(
      IngestClient.Pending answer, LineBatch batch, long operations, OptionalLong from) {}

  /**
   * Sends everything.
   *
   * @throws BrokenLineException at the first line that is not an operation, when all before it is
   *     stored
   * @throws BrokenInputException when the input fails, and all whole lines before are stored
   * @throws ShortInputException when the input ends before where the source stands
   * @throws RefusedException when the server refuses for good
   * @throws UnavailableException when the retry policy gives up
   */
  public void run(InputStream ndjson) throws IOException, InterruptedException {
    try {
      sendAll(new LineBatches(ndjson, batchLines, MAX_BATCH_BYTES));
    } catch (BrokenLineException | BrokenInputException e) {
      settle();
      throw e;
    }
  }

  private void sendAll(LineBatches batches) throws IOException, InterruptedException {
    long lastLine = 0;
    LineBatch batch = batches.next();
    while (batch != null && !stopping) {
      lastLine = batch.lastLine();
      LineCheck.Checked checked = check.check(batch);
      sendRest(checked);
      if (checked.broken() != null) {
        throw checked.broken();
      }
      if (!batches.ready()) {
        settle(); // rather than while a slow pipe is waited for
      }
      batch = batches.next();
    }
    settle();
    if (!stopping) {
      requireThrough(lastLine);
    }
  }

  private void requireThrough(long lastLine) throws IOException, InterruptedException {
    askOnce();
    if (lastLine < skipThrough) {
      throw new ShortInputException(source, lastLine, skipThrough);
    }
  }

  /** Asks {@link #run} to return once the batch on its way is answered. Any thread. */
  public void stop() {
    stopping = true;
  }

  /** What the server does not have yet of a batch. */
  private void sendRest(LineCheck.Checked checked) throws IOException, InterruptedException {
    if (checked.operations() == 0) {
      return;
    }
    askOnce();
    LineBatch good = checked.good();
    if (good.firstLine() > skipThrough) {
      send(good, checked.operations());
    } else if (good.lastLine() > skipThrough) {
      send(good.after(skipThrough));
    }
  }

  private void send(LineBatch batch) throws IOException, InterruptedException {
    send(batch, check.check(batch).operations());
  }

  /** When this returns all that was sent before is answered. */
  private void send(LineBatch batch, long operations) throws IOException, InterruptedException {
    settle();
    if (operations == 0) {
      return;
    }
    if (batch.bytes().length > mostBytes && batch.lines() > 1) {
      long middle = batch.firstLine() + batch.lines() / 2;
      send(batch.before(middle));
      send(batch.after(middle - 1));
    } else {
      inFlight = start(batch, operations);
    }
  }

  /** An earlier run under this name may have got further. */
  private void askOnce() throws IOException, InterruptedException {
    if (asked) {
      return;
    }
    Optional<String> stored = ingest.position(source);
    asked = true;
    position = lineOf(stored);
    if (stored.isPresent() && position.isEmpty()) {
      throw elsewhere(stored);
    }
    skipThrough = position.orElse(0);
    if (skipThrough > 0) {
      progress.skipped(skipThrough);
    }
  }

  private Sent start(LineBatch batch, long operations) {
    OptionalLong from = position;
    position = OptionalLong.of(batch.lastLine());
    return new Sent(
        ingest.send(batch.bytes(), Optional.of(step(from, batch))), batch, operations, from);
  }

  private SourceStep step(OptionalLong from, LineBatch batch) {
    Optional<String> token =
        from.isPresent() ? Optional.of(Long.toString(from.getAsLong())) : Optional.empty();
    return new SourceStep(source, token, Long.toString(batch.lastLine()));
  }

  /** Waits for the answer to the batch on its way. */
  private void settle() throws IOException, InterruptedException {
    Sent sent = inFlight;
    inFlight = null;
    if (sent == null) {
      return;
    }
    try {
      settle(sent, sent.answer().await());
    } catch (RefusedException e) {
      settle(sent, e);
    }
  }

  private void settle(Sent sent, RefusedException refusal)
      throws IOException, InterruptedException {
    if (refusal.reason() == Reason.TOO_LARGE) {
      sendInHalves(sent, refusal);
    } else if (refusal.reason() == Reason.INVALID && refusal.line().isPresent()) {
      throw broken(sent, refusal);
    } else {
      throw refusal;
    }
  }

  private void sendInHalves(Sent sent, RefusedException refusal)
      throws IOException, InterruptedException {
    LineBatch batch = sent.batch();
    int size = batch.bytes().length;
    if (batch.lines() == 1) {
      String reason = "of " + size + " bytes: " + Backoff.reason(refusal);
      throw new BrokenLineException(batch.firstLine(), reason);
    }
    position = sent.from();
    mostBytes = Math.min(mostBytes, size - 1);
    send(batch, sent.operations());
    settle();
  }

  private void settle(Sent sent, Receipt receipt) throws RefusedException {
    if (receipt instanceof Elsewhere now) {
      throw elsewhere(now.stored());
    }
    progress.stored(sent.operations(), sent.batch().lastLine());
  }

  private RefusedException elsewhere(Optional<String> stored) {
    String message = "the source " + source + " was moved by someone else: it stands at ";
    return new RefusedException(
        Reason.SOURCE_CONFLICT, Access.INGEST, 409, message + stored.orElse("—"));
  }

  /** What the server refuses alone is as broken as what we see: the lines before it are sent. */
  private IOException broken(Sent sent, RefusedException e)
      throws IOException, InterruptedException {
    long line = sent.batch().firstLine() + e.line().getAsLong() - 1;
    position = sent.from();
    send(sent.batch().before(line));
    settle();
    return new BrokenLineException(line, Backoff.reason(e));
  }

  private static OptionalLong lineOf(Optional<String> token) {
    return token.isPresent() && token.get().matches("\\d{1,18}")
        ? OptionalLong.of(Long.parseLong(token.get()))
        : OptionalLong.empty();
  }
}
