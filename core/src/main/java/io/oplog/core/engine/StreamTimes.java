package io.oplog.core.engine;

import java.time.Duration;

/**
 * Intervals and limits of each stream.
 *
 * @param heartbeat silence after which it gets a heartbeat
 * @param progress how often one that asked for it hears of its position while others' operations
 *     pass
 * @param writeTimeout how long its consumer may take nothing before it is closed
 * @param maxAge age at which it is closed, give or take a tenth; zero is never
 */
public record StreamTimes(
    Duration heartbeat, Duration progress, Duration writeTimeout, Duration maxAge) {

  public static StreamTimes defaults() {
    return new StreamTimes(
        Duration.ofSeconds(25), Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ZERO);
  }

  public StreamTimes withHeartbeat(Duration silence) {
    return new StreamTimes(silence, progress, writeTimeout, maxAge);
  }

  public StreamTimes withProgress(Duration interval) {
    return new StreamTimes(heartbeat, interval, writeTimeout, maxAge);
  }

  public StreamTimes withWriteTimeout(Duration limit) {
    return new StreamTimes(heartbeat, progress, limit, maxAge);
  }

  public StreamTimes withMaxAge(Duration age) {
    return new StreamTimes(heartbeat, progress, writeTimeout, age);
  }
}
