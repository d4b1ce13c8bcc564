package io.oplog.server.http;

import io.oplog.server.net.LogThrottle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes requests that were turned away, as many as {@link LogThrottle} allows. Never a header or a
 * query: they may hold secrets. Any thread.
 */
final class AccessLog {
  private static final int MAX_LINES = 20;
  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);

  private final LogThrottle throttle = new LogThrottle(MAX_LINES);
  private final LogThrottle cuts = new LogThrottle(1);
  private final LogThrottle failures = new LogThrottle(3);

  void refused(Object client, int status, String detail) {
    switch (throttle.next()) {
      case LOG -> LOG.info("{} for {}: {}", status, client, detail);
      case SAY_MORE -> LOG.info("More requests were turned away; not noted for a while");
      case DROP -> {}
    }
  }

  /** A connection was ended, since what waits for it takes more memory than there is. */
  void cut(Object client) {
    if (cuts.next() == LogThrottle.Verdict.LOG) {
      LOG.warn(
          "{} was cut: clients that do not take their answers hold all the memory they may",
          client);
    }
  }

  /** The server's own fault. */
  void failed(Object client, Throwable cause) {
    if (failures.next() == LogThrottle.Verdict.LOG) {
      LOG.error("The connection of {} failed", client, cause);
    }
  }
}
