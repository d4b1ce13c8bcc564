package io.oplog.testkit.relay;

import io.oplog.core.relay.Scan;
import java.io.IOException;
import java.util.List;

/**
 * A scan of what is listed.
 *
 * @param position that it stands for
 */
public record ListedScan<C>(List<C> changes, String position) implements Scan<C> {

  @Override
  public long beginsAtMillis() {
    return System.currentTimeMillis();
  }

  @Override
  public String read(Taker<? super C> taker) throws IOException, InterruptedException {
    for (C change : changes) {
      taker.take(change);
    }
    return position;
  }

  @Override
  public String skip() {
    return position;
  }
}
