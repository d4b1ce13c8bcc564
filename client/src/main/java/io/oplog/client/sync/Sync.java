package io.oplog.client.sync;

import io.oplog.client.DumpReader;
import io.oplog.client.sync.SyncProgress.Phase;
import io.oplog.client.sync.sort.Entry;
import io.oplog.client.sync.sort.EntryFile;
import io.oplog.client.sync.sort.ExternalSort;
import io.oplog.client.sync.sort.ObjectCursor;
import io.oplog.client.sync.sort.ObjectCursor.Repeated;
import io.oplog.client.sync.sort.Scratch;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Compares a log with a dump of its source, and mends the log. A run is {@link #recover}, {@link
 * #compare}, {@link #send}; without the first and the last it only looks. Thread-confined, for one
 * run.
 */
public final class Sync {
  /** Under this name the log remembers what is left to do. */
  static final String SOURCE = "oplog-sync";

  private static final int MOST_TYPES = 100_000;

  private final SyncLog log;
  private final SyncOptions options;
  private final SyncProgress progress;
  private final Scratch scratch;
  private final LongSupplier clock;
  private final Refusals refusals;
  private Optional<String> standing = Optional.empty();

  /**
   * Nothing is done yet.
   *
   * @param scratch for temporary files, about as large as dump and states together
   */
  public Sync(SyncLog log, SyncOptions options, SyncProgress progress, Scratch scratch) {
    this(log, options, progress, scratch, System::currentTimeMillis);
  }

  Sync(
      SyncLog log,
      SyncOptions options,
      SyncProgress progress,
      Scratch scratch,
      LongSupplier clock) {
    this.log = log;
    this.options = options;
    this.progress = progress;
    this.scratch = scratch;
    this.clock = clock;
    this.refusals = new Refusals(progress);
  }

  /**
   * Finishes what a run that was killed has left.
   *
   * @throws TryAgainException when another run does so at the same time
   */
  public void recover() throws IOException, InterruptedException {
    standing = log.position(SOURCE);
    if (standing.isEmpty()) {
      return;
    }
    Standing left = Standing.parse(standing.get());
    if (left.unfinished().isEmpty()) {
      return;
    }
    progress.note(
        "an earlier run did not end, or still runs; what it may have overwritten is looked at first");
    BatchSender sender = sender(EventId.ZERO, new ForeignChanges());
    sender.recover(left);
    standing = sender.standing();
  }

  private BatchSender sender(EventId position, ForeignChanges foreign) {
    return new BatchSender(log, options.batch(), position, standing, foreign, refusals, progress);
  }

  /** What was read of a dump. */
  private static final class Lines {
    private final Set<String> types = new HashSet<>();
    private long count;
    private long newest = Long.MIN_VALUE;
  }

  /**
   * Compares. Nothing is sent.
   *
   * @throws DumpException when the dump is empty, or has an object twice
   * @throws IOException when it is broken otherwise
   */
  public Difference compare(InputStream dump) throws IOException, InterruptedException {
    long begun = clock.getAsLong();
    ExternalSort lines = new ExternalSort(scratch);
    Lines read = read(dump, lines);
    Set<String> scope = options.types().isEmpty() ? read.types : options.types();
    long age = Math.min(options.dumpedAt().orElse(begun), read.count == 0 ? begun : read.newest);
    MergeJoin.Comparison comparison =
        (line, state) -> Verdict.of(line, MergeJoin.operation(state), age);
    return join(new Side(lines, read.count, ONCE, comparison), scope, age);
  }

  /**
   * Compares with what a source tells of itself. It knows more than a log had before it began to
   * tell, and less than what comes to the log meanwhile. Where the options have no types the log is
   * to have nothing else. Nothing is sent.
   */
  public Difference compare(SourceStates source) throws IOException, InterruptedException {
    long begun = clock.getAsLong();
    long end = log.end().sequence();
    ExternalSort told = new ExternalSort(scratch);
    Telling telling = new Telling(told);
    source.tell(telling);
    progress.reached(Phase.READING, telling.count, 0);
    told.complete();
    MergeJoin.Comparison comparison =
        (line, state) ->
            Verdict.ofSource(
                line, MergeJoin.operation(state), state != null && state.order() <= end);
    Side side = new Side(told, telling.count, Repeated.ALLOWED, comparison);
    return join(side, options.types(), options.dumpedAt().orElse(begun));
  }

  /** Sorts what a source tells. */
  private final class Telling implements SourceStates.Taker {
    private final ExternalSort sort;
    private long count;

    Telling(ExternalSort sort) {
      this.sort = sort;
    }

    @Override
    public void take(Operation state) throws IOException {
      if (isOfTypes(state)) {
        sort.add(new Entry(state, ++count));
        progress.reached(Phase.READING, count, 0);
      }
    }

    @Override
    public void restart() throws IOException {
      sort.clear();
      count = 0;
    }
  }

  private boolean isOfTypes(Operation state) {
    return options.types().isEmpty() || options.types().contains(state.type());
  }

  private Lines read(InputStream dump, ExternalSort sort) throws IOException {
    Lines lines = new Lines();
    new DumpReader().read(dump, (line, state) -> add(lines, line, state, sort));
    progress.reached(Phase.READING, lines.count, 0);
    if (lines.count == 0 && !options.allowEmpty()) {
      throw new EmptyDumpException(
          options.types().isEmpty()
              ? "the dump is empty"
              : "the dump has no object of the types " + String.join(",", options.types()));
    }
    sort.complete();
    return lines;
  }

  private void add(Lines lines, long line, Operation state, ExternalSort sort) throws IOException {
    progress.reached(Phase.READING, line, 0);
    if (!isOfTypes(state)) {
      return;
    }
    lines.count++;
    lines.newest = Math.max(lines.newest, state.timestampMillis());
    lines.types.add(state.type());
    if (lines.types.size() > MOST_TYPES) {
      throw new DumpException(
          String.format(
              "line %d: more than %,d types, the last one %s", line, MOST_TYPES, state.type()));
    }
    sort.add(new Entry(state, line));
  }

  /** What a log is compared with, complete. */
  private record Side(
      ExternalSort sorted, long count, Repeated repeated, MergeJoin.Comparison comparison) {}

  private static final Repeated ONCE =
      (line, again) -> {
        throw MergeJoin.repeated(line, again);
      };

  private Difference join(Side side, Set<String> scope, long age)
      throws IOException, InterruptedException {
    ExternalSort states = new ExternalSort(scratch);
    Replication replication = new Replication(states, scope, progress);
    EventId position = log.states(scope, replication);
    states.complete();
    return join(side, states, side.count() + replication.count(), age, position);
  }

  private Difference join(Side side, ExternalSort states, long entries, long age, EventId position)
      throws IOException {
    EntryFile plan = new EntryFile(scratch);
    MergeJoin join;
    try (ObjectCursor left = side.sorted().objects(side.repeated());
        ObjectCursor right = states.objects(Repeated.ALLOWED);
        EntryFile.Writer out = plan.write()) {
      join =
          new MergeJoin(
              left,
              right,
              side.comparison(),
              age,
              out,
              done -> progress.reached(Phase.COMPARING, done, entries));
      join.run();
    }
    side.sorted().clear();
    states.clear();
    return new Difference(plan, join.verdicts(), join.operations(), join.living(), age, position);
  }

  /**
   * Holds a difference against the limit of deletions.
   *
   * @throws TooManyDeletesException when it has more
   */
  public void requireFewDeletes(Difference difference) throws TooManyDeletesException {
    long deletes = difference.verdicts().total(Verdict.DELETE);
    if (!options.maxDeletes().allows(deletes, difference.living())) {
      throw new TooManyDeletesException(deletes, difference.living(), options.maxDeletes());
    }
  }

  /**
   * Sends a difference, but for what others change meanwhile and what the server refuses.
   *
   * @throws TooManyDeletesException when it deletes too much; nothing was sent
   * @throws TryAgainException when the run cannot be finished, and another one can
   */
  public Report send(Difference difference) throws IOException, InterruptedException {
    requireFewDeletes(difference);
    ForeignChanges foreign = new ForeignChanges();
    BatchSender sender = sender(difference.position(), foreign);
    if (difference.size() > 0) {
      sender.catchUp();
      new DifferenceSender(difference, sender, foreign, refusals, progress).run(options.batch());
      sender.finish();
    }
    return new Report(
        difference.verdicts().counts(refusals.types()),
        sender.repeated(),
        difference.age(),
        sender.position());
  }
}
