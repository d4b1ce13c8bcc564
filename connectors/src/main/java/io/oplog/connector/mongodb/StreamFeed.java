package io.oplog.connector.mongodb;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import io.oplog.core.relay.PositionLostException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The change stream. One thread, but for {@link #probe}. */
final class StreamFeed implements Feed {
  private static final Logger LOG = LoggerFactory.getLogger(StreamFeed.class);

  private final MongoSourceOptions options;
  private final Deployment deployment;
  private final WantedFields wanted;
  private boolean toldOfBefore;

  StreamFeed(MongoSourceOptions options, Deployment deployment, WantedFields wanted) {
    this.options = options;
    this.deployment = deployment;
    this.wanted = wanted;
  }

  @Override
  public FeedReader after(Position start) throws IOException, InterruptedException {
    StreamStart opening = opening();
    return deployment.ask(
        "open its change stream after " + start, client -> open(client, opening, start));
  }

  private FeedReader open(MongoClient client, StreamStart opening, Position start)
      throws PositionLostException {
    try {
      return new BatchReader(deployment, opening.after(client, start), start, wanted);
    } catch (MongoException e) {
      if (!Failures.isLost(e) && !(Failures.mayBeLost(e) && opens(client, opening))) {
        throw e;
      }
      throw deployment.lost(start.toString(), Failures.reason(e));
    }
  }

  /** Whether a change stream can be opened where it matters not from where. */
  private static boolean opens(MongoClient client, StreamStart opening) {
    opening.probe(client);
    return true;
  }

  private StreamStart opening() throws IOException, InterruptedException {
    boolean before = options.needs().before() && deployment.hello().canKeepDocumentsBefore();
    if (options.needs().before() && !before && !toldOfBefore) {
      toldOfBefore = true;
      LOG.warn(
          "{} cannot tell documents as they were before a change, as 6.0 and newer can: they are"
              + " left out",
          deployment.place());
    }
    return new StreamStart(options, before);
  }

  @Override
  public PositionOfNow now(MongoClient client, Hello begin) {
    return PositionOfNow.take(client, options.watch(), begin.clusterTime());
  }

  /** Opens one from now on: that needs all that reading needs, but for the scan. */
  @Override
  public void probe() throws IOException, InterruptedException {
    StreamStart opening = opening();
    deployment.run("open a change stream", opening::probe);
  }
}
