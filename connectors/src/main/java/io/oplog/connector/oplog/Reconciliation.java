package io.oplog.connector.oplog;

import io.oplog.client.sync.DeleteLimit;
import io.oplog.client.sync.Difference;
import io.oplog.client.sync.Report;
import io.oplog.client.sync.SourceStates;
import io.oplog.client.sync.Sync;
import io.oplog.client.sync.SyncLog;
import io.oplog.client.sync.SyncOptions;
import io.oplog.client.sync.SyncProgress;
import io.oplog.client.sync.TooManyDeletesException;
import io.oplog.client.sync.sort.Scratch;
import io.oplog.core.relay.Scan;
import io.oplog.core.relay.UnusableException;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a log in line with everything that a source has, as {@code oplog sync} does with a dump:
 * what is missing, newer or no more is sent, and nothing else.
 *
 * @param log that is mended
 * @param types those that the log has from the source alone; empty for all
 * @param maxDeletes more are not sent; empty for {@link #OWN} of types that are known, and {@link
 *     #UNKNOWN} of others and the first time
 * @param scratch folder for temporary files, about as large as what both sides list
 */
public record Reconciliation(
    SyncLog log, Set<String> types, Optional<DeleteLimit> maxDeletes, Path scratch) {
  private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);

  public Reconciliation {
    types = Set.copyOf(types);
  }

  /** Where the log may have objects from elsewhere. */
  public static final DeleteLimit UNKNOWN = DeleteLimit.parse("1%");

  /** Where all that it has of these types is the source's. */
  public static final DeleteLimit OWN = DeleteLimit.parse("100%");

  /**
   * Runs.
   *
   * @param isFirst whether the log never had anything of the source
   * @return the position that the scan stands for
   */
  String run(Scan<Operation> scan, boolean isFirst) throws IOException, InterruptedException {
    try (Scratch files = Scratch.in(scratch)) {
      Sync sync = new Sync(log, options(scan, isFirst), NOTES, files);
      sync.recover();
      Telling telling = new Telling(scan);
      Difference difference = sync.compare(telling);
      Report report = sync.send(difference);
      Report.Counts sent = report.total();
      LOG.info(
          "{} objects were inserted, {} updated, {} deleted; {} refused",
          sent.inserted(),
          sent.updated(),
          sent.deleted(),
          sent.refused());
      return telling.position;
    } catch (TooManyDeletesException e) {
      throw new UnusableException(
          e.getMessage()
              + "; the source lacks them: name the types that the log has from it alone (--types, or"
              + " rules with constant types), or allow more by --max-deletes",
          e);
    }
  }

  private SyncOptions options(Scan<Operation> scan, boolean isFirst) {
    boolean isKnown = !isFirst && !types.isEmpty();
    DeleteLimit limit = maxDeletes.orElse(isKnown ? OWN : UNKNOWN);
    int batch = SyncOptions.defaults().batch();
    return new SyncOptions(types, OptionalLong.of(scan.beginsAtMillis()), limit, true, batch);
  }

  private static final SyncProgress NOTES =
      new SyncProgress() {
        @Override
        public void note(String text) {
          LOG.warn("{}", text);
        }
      };

  /** A scan, as a sync reads it. */
  private static final class Telling implements SourceStates {
    private final Scan<Operation> scan;
    private String position = "";

    Telling(Scan<Operation> scan) {
      this.scan = scan;
    }

    @Override
    public void tell(Taker taker) throws IOException, InterruptedException {
      position =
          scan.read(
              new Scan.Taker<Operation>() {
                @Override
                public void take(Operation state) throws IOException {
                  taker.take(state);
                }

                @Override
                public void restart() throws IOException {
                  taker.restart();
                }
              });
    }
  }
}
