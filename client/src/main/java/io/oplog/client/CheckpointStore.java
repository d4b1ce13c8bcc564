package io.oplog.client;

import java.io.IOException;
import java.util.Optional;

/**
 * Where a consumer goes on, kept from one run to the next. One thread at a time.
 *
 * <p>Who keeps his data in a database saves the checkpoint in the transaction of the data instead,
 * and tells it here by {@link #load} alone.
 */
public interface CheckpointStore {

  /** The last event id up to which everything was done; empty before there is one. */
  Optional<String> load() throws IOException;

  /** Keeps an event id in the place of the one before, durably. */
  void save(String eventId) throws IOException;
}
