package io.oplog.client;

import java.io.IOException;
import java.util.Optional;

/**
 * Where a consumer goes on, kept from one run to the next. One thread at a time.
 *
 * <p>Who keeps his data in a database saves the checkpoint in the transaction of the data instead:
 * see {@link #keptElsewhere}.
 */
public interface CheckpointStore {

  /** The last event id up to which everything was done; empty before there is one. */
  Optional<String> load() throws IOException;

  /** Keeps an event id in the place of the one before, durably. */
  void save(String eventId) throws IOException;

  /**
   * For who saves {@link AcknowledgedStream#checkpoint} himself.
   *
   * @param checkpoint what he saved last; empty before he did
   */
  static CheckpointStore keptElsewhere(Optional<String> checkpoint) {
    return new CheckpointStore() {
      @Override
      public Optional<String> load() {
        return checkpoint;
      }

      @Override
      public void save(String eventId) {}
    };
  }
}
