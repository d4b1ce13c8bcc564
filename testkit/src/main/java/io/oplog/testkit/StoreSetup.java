package io.oplog.testkit;

import io.oplog.core.store.Retention;
import io.oplog.core.store.StoreClock;
import java.nio.file.Path;

/**
 * What a store is to be opened with.
 *
 * @param directory an empty directory for the files of a store that keeps some, or one that it left
 */
public record StoreSetup(Path directory, StoreClock clock, Retention retention) {}
