package io.oplog.connector.mongodb;

import com.mongodb.client.MongoClient;
import io.oplog.core.relay.PositionLostException;
import io.oplog.core.relay.UnusableException;
import java.io.IOException;

/** A way in which a deployment tells its changes. */
interface Feed {
  /**
   * Opens it after a position.
   *
   * @throws PositionLostException when the changes after it cannot be read
   */
  FeedReader after(Position start) throws IOException, InterruptedException;

  /**
   * Where the changes begin that come from now on.
   *
   * @param begin what the server said before
   */
  PositionOfNow now(MongoClient client, Hello begin) throws IOException, InterruptedException;

  /**
   * Whether it can be opened now.
   *
   * @throws UnusableException when that does not change by itself
   */
  void probe() throws IOException, InterruptedException;
}
