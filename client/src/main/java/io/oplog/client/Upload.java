package io.oplog.client;

import io.oplog.client.Publisher.Elsewhere;
import io.oplog.client.Publisher.Receipt;
import io.oplog.client.Publisher.Stored;
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
 * <p>A source that is known to the server goes on after the line it had reached. Thread-confined;
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

  private final Publisher publisher;
  private final String source;
  private final long batchLines;
  private final Progress progress;
  private final LineCheck check = new LineCheck(ANY_SIZE);
  private OptionalLong position = OptionalLong.empty();
  private long skipThrough;
  private boolean first = true;

  /**
   * An upload.
   *
   * @param source the source's name; one that was never used before starts with the first line
   * @param batchLines lines sent together
   * @throws IllegalArgumentException when that is not a name
   */
  public Upload(Publisher publisher, String source, long batchLines, Progress progress) {
    SourceStep.requireToken("source", source);
    this.publisher = publisher;
    this.source = source;
    this.batchLines = batchLines;
    this.progress = progress;
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
      Publisher.Pending answer, LineBatch batch, long operations, OptionalLong from) {}

  /**
   * Sends everything.
   *
   * @throws BrokenLineException at the first line that is not an operation, when all before it is
   *     stored
   * @throws RefusedException when the server refuses for good
   * @throws UnavailableException when the retry policy gives up
   */
  public void run(InputStream ndjson) throws IOException, InterruptedException {
    LineBatches batches = new LineBatches(ndjson, batchLines, MAX_BATCH_BYTES);
    @Nullable Sent sent = null;
    @Nullable BrokenLineException broken = null;
    LineBatch batch = batches.next();
    while (batch != null && broken == null) {
      LineCheck.Checked checked = check.check(batch);
      broken = checked.broken();
      settle(sent);
      sent = send(checked);
      if (!batches.ready()) {
        settle(sent); // rather than while a slow pipe is waited for
        sent = null;
      }
      batch = broken == null ? batches.next() : null;
    }
    settle(sent);
    if (broken != null) {
      throw broken;
    }
  }

  /** Null where nothing is left to send. */
  private @Nullable Sent send(LineCheck.Checked checked) throws IOException {
    LineBatch rest = checked.good();
    if (rest.lastLine() <= skipThrough || checked.operations() == 0) {
      return null;
    }
    long operations = checked.operations();
    if (rest.firstLine() <= skipThrough) {
      rest = rest.after(skipThrough);
      operations = check.check(rest).operations();
    }
    return operations == 0 ? null : send(rest, operations);
  }

  private Sent send(LineBatch batch, long operations) {
    OptionalLong from = position;
    position = OptionalLong.of(batch.lastLine());
    return new Sent(
        publisher.send(batch.bytes(), Optional.of(step(from, batch))), batch, operations, from);
  }

  private SourceStep step(OptionalLong from, LineBatch batch) {
    Optional<String> token =
        from.isPresent() ? Optional.of(Long.toString(from.getAsLong())) : Optional.empty();
    return new SourceStep(source, token, Long.toString(batch.lastLine()));
  }

  private void settle(@Nullable Sent sent) throws IOException, InterruptedException {
    if (sent == null) {
      return;
    }
    try {
      settle(sent, sent.answer().await());
    } catch (RefusedException e) {
      throw e.reason() == Reason.INVALID && e.line().isPresent() ? broken(sent, e) : e;
    }
  }

  private void settle(Sent sent, Receipt receipt) throws IOException, InterruptedException {
    if (receipt instanceof Stored) {
      first = false;
      progress.stored(sent.operations(), sent.batch().lastLine());
    } else {
      goOn(sent, ((Elsewhere) receipt).stored());
    }
  }

  /** What the server refuses alone is as broken as what we see: the lines before it are sent. */
  private IOException broken(Sent sent, RefusedException e)
      throws IOException, InterruptedException {
    long line = sent.batch().firstLine() + e.line().getAsLong() - 1;
    LineCheck.Checked before = check.check(sent.batch().before(line));
    position = sent.from();
    if (before.operations() > 0) {
      settle(send(before.good(), before.operations()));
    }
    return new BrokenLineException(line, Backoff.reason(e));
  }

  /** The first batch may find that an earlier run had got further. */
  private void goOn(Sent sent, Optional<String> stored) throws IOException, InterruptedException {
    OptionalLong line = lineOf(stored);
    if (!first || line.isEmpty()) {
      throw new RefusedException(
          Reason.SOURCE_CONFLICT,
          409,
          0,
          "the source "
              + source
              + " was moved by someone else: it stands at "
              + stored.orElse("—"));
    }
    first = false;
    position = line;
    skipThrough = line.getAsLong();
    progress.skipped(skipThrough);
    settle(send(check.check(sent.batch())));
  }

  private static OptionalLong lineOf(Optional<String> token) {
    return token.isPresent() && token.get().matches("\\d{1,18}")
        ? OptionalLong.of(Long.parseLong(token.get()))
        : OptionalLong.empty();
  }
}
