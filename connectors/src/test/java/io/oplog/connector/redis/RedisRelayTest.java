package io.oplog.connector.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.oplog.connector.document.DocumentChange;
import io.oplog.core.relay.Backlog;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Relay;
import io.oplog.core.relay.Source;
import io.oplog.core.relay.Start;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.redis.RedisProcess;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RedisRelayTest {
  private static final int COUNT = 5000;

  /** A hundred changes a batch. */
  private static final class Hundreds implements Source<DocumentChange> {
    private final CountDownLatch never = new CountDownLatch(1);
    private int at;

    @Override
    public String name() {
      return "hundreds";
    }

    @Override
    public Start<DocumentChange> seek(Optional<String> position) {
      at = Changes.before(position);
      return new Start.Resumed<>();
    }

    @Override
    public Optional<Batch<DocumentChange>> next(int maxBytes, Duration wait)
        throws InterruptedException {
      if (at == COUNT) {
        assertThat(never.await(wait.toNanos(), TimeUnit.NANOSECONDS)).isFalse();
        return Optional.empty();
      }
      List<DocumentChange> changes =
          IntStream.range(at, at + 100)
              .<DocumentChange>mapToObj(i -> Changes.insert("n" + i, i))
              .toList();
      at += 100;
      return Optional.of(new Batch<>(changes, position(at)));
    }

    @Override
    public void acknowledged(String position) {}

    @Override
    public Backlog backlog() {
      return Backlog.NONE;
    }

    @Override
    public void check() {}

    @Override
    public void close() {}
  }

  private static String position(int count) {
    return Changes.after(count - 1);
  }

  private static Relay<DocumentChange> relay(TcpProxy proxy) {
    RedisSink sink = new RedisSink(RedisOptions.of("redis://127.0.0.1:" + proxy.port()));
    return new Relay<>(new Hundreds(), sink, "Redis");
  }

  @Test
  void relaysWhoseConnectionsAreCutAgainAndAgainPublishEachMessageOnceAndInOrder()
      throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        Subscriber subscriber = new Subscriber(redis.uri());
        TcpProxy proxy =
            TcpProxy.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), redis.port()));
        Relay<DocumentChange> one = relay(proxy);
        Relay<DocumentChange> other = relay(proxy)) {
      proxy.setAt("n1234", TcpProxy.Fault.REFUSED);
      one.start();
      other.start();
      await().until(() -> proxy.fault() == TcpProxy.Fault.REFUSED);
      assertThat(subscriber.heard("app.users")).hasSizeLessThan(COUNT);
      proxy.setAt("n3456", TcpProxy.Fault.BLACK_HOLE);
      proxy.set(TcpProxy.Fault.NONE);
      await().until(() -> proxy.fault() == TcpProxy.Fault.BLACK_HOLE);
      proxy.set(TcpProxy.Fault.NONE);
      await().atMost(Duration.ofSeconds(60)).until(() -> isAtTheEnd(one) && isAtTheEnd(other));
      assertThat(subscriber.heard("app.users"))
          .map(body -> body.replaceAll(".*\"_id\":\"n(\\d+)\".*", "$1"))
          .isEqualTo(IntStream.range(0, COUNT).mapToObj(Integer::toString).toList());
    }
  }

  private static boolean isAtTheEnd(Relay<DocumentChange> relay) {
    return relay.stats().position().equals(Optional.of(position(COUNT)));
  }
}
