package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Duration PATIENCE = Duration.ofMillis(50);

  /** Its time is what was left of the patience, which explains nothing. */
  @Test
  void anAttemptThatWasCutShortDoesNotHideWhyThoseBeforeItFailed() throws Exception {
    RetryPolicy policy = new RetryPolicy(Duration.ofMillis(1), Duration.ofMillis(1), PATIENCE);
    Backoff backoff = new Backoff(policy, ConnectionListener.SILENT);
    backoff.attempt(Duration.ofSeconds(60));
    backoff.failed(new BusyException("it answered 503", Duration.ZERO), Duration.ZERO);
    backoff.attempt(Duration.ofSeconds(60));
    LockSupport.parkNanos(PATIENCE.toNanos());
    assertThatExceptionOfType(UnavailableException.class)
        .isThrownBy(() -> backoff.failed(new IOException("no answer within 1 s"), Duration.ZERO))
        .withMessage("it answered 503");
  }
}
