package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
  @Test
  void waitsDoubleAreBoundedAndDiffer() {
    SplittableRandom random = new SplittableRandom(1);
    for (int failures = 1; failures < 100; failures++) {
      long most = Math.min(1000L << Math.min(failures - 1, 10), 30_000);
      Duration wait = RetryPolicy.FOREVER.delay(failures, random);
      assertThat(wait).isBetween(Duration.ofMillis(most / 2), Duration.ofMillis(most));
    }
  }

  @Test
  void aServerCannotAskForMoreThanTheLongestWait() {
    RetryPolicy policy = RetryPolicy.FOREVER.startingWith(Duration.ofDays(1));
    assertThat(policy.delay(1, new SplittableRandom(1))).isLessThan(Duration.ofSeconds(31));
  }

  @Test
  void aServerCannotAskForNoWaitAtAll() {
    RetryPolicy policy = RetryPolicy.FOREVER.startingWith(Duration.ZERO);
    SplittableRandom random = new SplittableRandom(1);
    assertThat(policy.delay(1, random)).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
    assertThat(policy.delay(5, random)).isGreaterThan(Duration.ofMillis(500));
    assertThat(policy.delay(50, random)).isGreaterThan(Duration.ofSeconds(14));
  }
}
