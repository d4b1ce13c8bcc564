package io.oplog.store.rocksdb;

import org.rocksdb.ReadOptions;
import org.rocksdb.Snapshot;

/** A consistent view of one database, for as long as it is not closed. */
final class SnapshotRead implements AutoCloseable {
  private final Database.View view;
  private final Snapshot snapshot;
  private final ReadOptions options;

  SnapshotRead(Database.View view) {
    this.view = view;
    this.snapshot = view.db().getSnapshot();
    this.options = new ReadOptions().setSnapshot(snapshot);
  }

  ReadOptions options() {
    return options;
  }

  @Override
  public void close() {
    options.close();
    view.db().releaseSnapshot(snapshot);
  }
}
