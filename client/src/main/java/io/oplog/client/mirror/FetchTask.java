package io.oplog.client.mirror;

import io.oplog.protocol.Operation;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;

/**
 * Gets one object, with as many attempts as it may have. The result is the change that it means;
 * empty where it is left as it is.
 */
final class FetchTask<T> implements Callable<Optional<MirrorChange<T>>> {
  private final Operation operation;
  private final long generation;
  private final Fetcher<T> fetcher;
  private final MirrorOptions options;
  private final BooleanSupplier isEnded;

  /**
   * @param isEnded whether the mirror has ended, which interrupts this: that is nobody's fault
   */
  FetchTask(
      Operation operation,
      long generation,
      Fetcher<T> fetcher,
      MirrorOptions options,
      BooleanSupplier isEnded) {
    this.operation = operation;
    this.generation = generation;
    this.fetcher = fetcher;
    this.options = options;
    this.isEnded = isEnded;
  }

  @Override
  public Optional<MirrorChange<T>> call() throws Exception {
    for (int failures = 1; ; failures++) {
      try {
        return Optional.of(change(fetcher.fetch(operation)));
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        if (isEnded.getAsBoolean()) {
          throw e;
        }
        if (failures >= options.attempts()) {
          return deadLetter(e);
        }
      }
      Thread.sleep(options.retry().delay(failures, new SplittableRandom()).toMillis());
    }
  }

  private MirrorChange<T> change(Optional<T> object) {
    String type = operation.type();
    String id = operation.id();
    return object.isEmpty()
        ? new MirrorChange.Remove<>(type, id)
        : new MirrorChange.Put<>(type, id, operation.parents(), object.get(), generation);
  }

  private Optional<MirrorChange<T>> deadLetter(Exception cause) throws DeadLetterException {
    return switch (options.onDeadLetter().onDeadLetter(operation, cause)) {
      case SKIP -> Optional.empty();
      case STOP -> throw new DeadLetterException(operation, options.attempts(), cause);
    };
  }
}
