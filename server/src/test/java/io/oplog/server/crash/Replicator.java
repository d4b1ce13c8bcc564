package io.oplog.server.crash;

import io.oplog.protocol.StreamEvent.Change;
import io.oplog.protocol.StreamEvent.Live;
import io.oplog.protocol.StreamEvent.Reset;

/** A consumer that began with a replication, and holds the objects. */
final class Replicator implements Follower.Use {
  private final Replica replica;
  private volatile boolean live;

  Replicator(Script script) {
    this.replica = new Replica(script);
  }

  @Override
  public void reset(Reset reset) {
    replica.clear();
  }

  @Override
  public void change(Change change) {
    replica.apply(change);
  }

  @Override
  public void live(Live event) {
    live = true;
  }

  /** Whether it has everything, and operations follow. */
  boolean live() {
    return live;
  }

  /** What it holds, once its consumer has stopped. */
  Replica replica() {
    return replica;
  }
}
