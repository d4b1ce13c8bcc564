package io.oplog.connector.redis;

import io.lettuce.core.RedisURI;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.DocumentNeeds.AllFields;
import io.oplog.connector.document.DocumentNeeds.FieldNames;
import io.oplog.connector.document.Namespace;
import io.oplog.connector.document.NamespaceFilter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What is published where.
 *
 * @param uri of the server; its {@code toString} hides the password
 * @param prefix of all channels and keys
 * @param copies a name for the copies of one relay, which publish each message once among them;
 *     relays that publish different messages of one source need different names
 * @param documents the collections whose documents are published; of all others the ids are
 * @param fieldChannels further channels by the values of fields
 * @param dotted whether changed fields are told as paths, as in {@code address.city}; else by their
 *     names at the top
 * @param catchUp how long ago the position may have been moved from which publishing goes on; zero
 *     for any time. A source that has nothing to tell moves it, too, from time to time
 * @param timeout of a command, and of connecting
 * @param authorities who signs the certificate of a server that is reached by TLS; the JVM's own
 *     where nobody is named
 */
public record RedisOptions(
    RedisURI uri,
    String prefix,
    String copies,
    Predicate<Namespace> documents,
    List<FieldChannel> fieldChannels,
    boolean dotted,
    Duration catchUp,
    Duration timeout,
    Optional<Authorities> authorities) {

  public RedisOptions {
    fieldChannels = List.copyOf(fieldChannels);
  }

  /**
   * The usual ones: ids alone, names at the top, two minutes to catch up.
   *
   * @param uri as in {@code redis://user:password@host:6379/0}, {@code rediss://host} or {@code
   *     redis-sentinel://host1,host2/0#name}
   */
  public static RedisOptions of(String uri) {
    return new RedisOptions(
        parse(uri),
        "",
        "relay",
        _ -> false,
        List.of(),
        false,
        Duration.ofMinutes(2),
        Duration.ofSeconds(5),
        Optional.empty());
  }

  /** Neither the text nor the cause is told on: they may hold a password. */
  private static RedisURI parse(String uri) {
    return read(uri)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "not the address of a Redis, as in redis://user:password@host:6379/0,"
                    + " rediss://host:6379 or redis-sentinel://host1,host2/0#name"));
  }

  private static Optional<RedisURI> read(String uri) {
    try {
      return Optional.of(withPort(RedisURI.create(uri))).filter(RedisOptions::hasOneHost);
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** Or Sentinels, which are listed beside it. */
  private static boolean hasOneHost(RedisURI uri) {
    String host = uri.getHost();
    return host == null || !host.contains(",");
  }

  /** Where the host has an underscore, as those of containers do, it is read with the port. */
  private static RedisURI withPort(RedisURI uri) {
    String host = uri.getHost();
    int colon = host == null || host.startsWith("[") ? -1 : host.indexOf(':');
    if (colon < 0) {
      return uri;
    }
    int port = Integer.parseInt(host.substring(colon + 1));
    return RedisURI.builder(uri).withHost(host.substring(0, colon)).withPort(port).build();
  }

  public RedisOptions withPrefix(String other) {
    return new RedisOptions(
        uri, other, copies, documents, fieldChannels, dotted, catchUp, timeout, authorities);
  }

  public RedisOptions withCopies(String name) {
    return new RedisOptions(
        uri, prefix, name, documents, fieldChannels, dotted, catchUp, timeout, authorities);
  }

  public RedisOptions withDocuments(Predicate<Namespace> collections) {
    return new RedisOptions(
        uri, prefix, copies, collections, fieldChannels, dotted, catchUp, timeout, authorities);
  }

  public RedisOptions withFieldChannels(List<FieldChannel> others) {
    return new RedisOptions(
        uri, prefix, copies, documents, others, dotted, catchUp, timeout, authorities);
  }

  public RedisOptions withDotted(boolean paths) {
    return new RedisOptions(
        uri, prefix, copies, documents, fieldChannels, paths, catchUp, timeout, authorities);
  }

  public RedisOptions withCatchUp(Duration limit) {
    return new RedisOptions(
        uri, prefix, copies, documents, fieldChannels, dotted, limit, timeout, authorities);
  }

  public RedisOptions withTimeout(Duration limit) {
    return new RedisOptions(
        uri, prefix, copies, documents, fieldChannels, dotted, catchUp, limit, authorities);
  }

  public RedisOptions withAuthorities(Authorities others) {
    return new RedisOptions(
        uri,
        prefix,
        copies,
        documents,
        fieldChannels,
        dotted,
        catchUp,
        timeout,
        Optional.of(others));
  }

  /** Whether it is reached by TLS. */
  public boolean isEncrypted() {
    return uri.isSsl();
  }

  /** What a source has to tell of its documents. */
  public DocumentNeeds needs(NamespaceFilter namespaces) {
    return new DocumentNeeds(
        namespaces,
        namespace -> readsWhole(namespace) ? new AllFields() : new FieldNames(),
        !fieldChannels.isEmpty());
  }

  /** Whether the values of a collection's fields are needed, and not their names alone. */
  public boolean readsWhole(Namespace namespace) {
    return documents.test(namespace)
        || fieldChannels.stream().anyMatch(channel -> channel.concerns(namespace));
  }

  /** Where it is, without user and password. */
  public String place() {
    return Diagnosis.place(uri);
  }

  /** Where a source stands. */
  String key(String source) {
    return prefix + "oplog:" + copies + ":" + source;
  }

  /** The databases of which nothing is published, for all sources. */
  String denyListKey() {
    return prefix + "oplog:denylist";
  }

  /** Nobody listens here: whether the user may publish is tried on it. */
  String checkChannel() {
    return prefix + "oplog:check";
  }

  /** Whoever must know that something was not published listens here. */
  String lostChannel() {
    return prefix + "oplog:lost";
  }
}
