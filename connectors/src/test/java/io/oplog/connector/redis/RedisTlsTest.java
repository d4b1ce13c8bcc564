package io.oplog.connector.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.oplog.core.relay.Batch;
import io.oplog.core.relay.UnusableException;
import io.oplog.testkit.TlsCertificate;
import io.oplog.testkit.redis.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that is reached by TLS, and those that are not what they should be. */
@Timeout(60)
class RedisTlsTest {
  @TempDir Path folder;
  private TlsCertificate certificate;
  private int port;

  @BeforeEach
  void make() throws Exception {
    certificate = TlsCertificate.make(folder, "ip:127.0.0.1");
    port = RedisProcess.freePort();
  }

  private RedisProcess redis(String who) {
    return RedisProcess.startTls(port, certificate, "--tls-auth-clients", who);
  }

  private RedisOptions options(String host, int at) {
    return RedisOptions.of("rediss://" + host + ":" + at).withTimeout(Duration.ofSeconds(2));
  }

  private RedisSink trusting(Path authorities) {
    return new RedisSink(options("127.0.0.1", port).withAuthorities(new Authorities(authorities)));
  }

  private static void isUnusable(RedisSink sink, String... words) {
    assertThatExceptionOfType(UnusableException.class)
        .isThrownBy(sink::check)
        .withMessageContainingAll(words);
  }

  @Test
  void aServerWhoseCertificateIsTrustedIsPublishedTo() throws Exception {
    try (RedisProcess redis = redis("no");
        Subscriber subscriber = new Subscriber(redis.uri());
        RedisSink sink = trusting(certificate.file())) {
      sink.check();
      sink.put(
          "s", Optional.empty(), new Batch<>(List.of(Changes.insert("d", 1)), Changes.after(1)));
      assertThat(sink.position("s")).contains(Changes.after(1));
      assertThat(subscriber.heard("app.users::d")).hasSize(1);
    }
  }

  @Test
  void sentinelsAndTheServerThatTheyNameAreReachedByTls() throws Exception {
    int sentinels = RedisProcess.freePort();
    String uri = "rediss-sentinel://127.0.0.1:" + sentinels + "#main";
    Authorities authorities = new Authorities(certificate.file());
    try (RedisProcess redis = redis("no");
        RedisProcess _ = RedisProcess.startTlsSentinel("main", port, sentinels, certificate);
        Subscriber subscriber = new Subscriber(redis.uri());
        RedisSink sink = new RedisSink(RedisOptions.of(uri).withAuthorities(authorities));
        RedisSink stranger = new RedisSink(RedisOptions.of(uri))) {
      sink.check();
      sink.put(
          "s", Optional.empty(), new Batch<>(List.of(Changes.insert("d", 1)), Changes.after(1)));
      assertThat(subscriber.heard("app.users::d")).hasSize(1);
      isUnusable(stranger, "its TLS certificate is not accepted");
    }
  }

  @Test
  void aCertificateOfAStrangerIsRefused() throws Exception {
    try (RedisProcess _ = redis("no");
        RedisSink sink = new RedisSink(options("127.0.0.1", port))) {
      isUnusable(sink, "127.0.0.1:" + port, "its TLS certificate is not accepted", "--to-ca");
    }
  }

  @Test
  void aCertificateForAnotherHostIsRefusedUnlessTheAddressSaysSo() throws Exception {
    Authorities authorities = new Authorities(certificate.file());
    RedisOptions named = options("localhost", port);
    RedisOptions unnamed = RedisOptions.of("rediss://localhost:" + port + "?verifyPeer=CA");
    try (RedisProcess _ = redis("no");
        RedisSink sink = new RedisSink(named.withAuthorities(authorities));
        RedisSink lenient = new RedisSink(unnamed.withAuthorities(authorities));
        RedisSink strange = new RedisSink(unnamed)) {
      isUnusable(sink, "localhost:" + port, "No name matching localhost", "the host as the");
      lenient.check();
      isUnusable(strange, "its TLS certificate is not accepted");
    }
  }

  @Test
  void aServerThatWantsACertificateOfTheClientIsTheOperatorsAffair() throws Exception {
    try (RedisProcess _ = redis("yes");
        RedisSink sink = trusting(certificate.file())) {
      isUnusable(sink, "tls-auth-clients no");
    }
  }

  /** It may answer, or wait for more. */
  @Test
  void aServerWithoutTlsIsToldFromOneThatIsAway() throws Exception {
    try (RedisProcess redis = RedisProcess.start();
        RedisSink sink = new RedisSink(options("127.0.0.1", redis.port()))) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(sink::check)
          .withMessageContaining("does not speak TLS there");
    }
  }

  @Test
  void authoritiesThatCannotBeReadAreNamed() throws Exception {
    Path none = folder.resolve("none.pem");
    try (RedisSink missing = trusting(none);
        RedisSink garbage = trusting(Files.writeString(folder.resolve("bad.pem"), "no PEM"));
        RedisSink empty = trusting(Files.createFile(folder.resolve("empty.pem")))) {
      isUnusable(missing, "none.pem of --to-ca cannot be read");
      isUnusable(garbage, "bad.pem of --to-ca has no certificates");
      isUnusable(empty, "empty.pem of --to-ca has no certificates");
    }
  }
}
