package io.oplog.server.http;

import io.oplog.protocol.OperationLimits;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the server speaks HTTP. Its text holds no secret.
 *
 * @param password for the stream; null lets everybody read
 * @param ingestPassword for ingest; null lets everybody write
 * @param corsOrigins web origins that may read answers, {@code *} is all; those named may write
 * @param limits what clients may ask
 * @param operations what an operation may be
 * @param upstream the server whose stream is handed on in place of an own one; null for an own one
 */
public record HttpOptions(
    @Nullable String password,
    @Nullable String ingestPassword,
    List<String> corsOrigins,
    HttpLimits limits,
    OperationLimits operations,
    @Nullable Upstream upstream) {

  public HttpOptions {
    corsOrigins = List.copyOf(corsOrigins);
  }

  public static HttpOptions defaults() {
    return new HttpOptions(
        null, null, List.of("*"), HttpLimits.defaults(), OperationLimits.DEFAULTS, null);
  }

  public HttpOptions withPasswords(@Nullable String stream, @Nullable String ingest) {
    return new HttpOptions(stream, ingest, corsOrigins, limits, operations, upstream);
  }

  public HttpOptions withCorsOrigins(List<String> origins) {
    return new HttpOptions(password, ingestPassword, origins, limits, operations, upstream);
  }

  public HttpOptions withLimits(HttpLimits limits) {
    return new HttpOptions(password, ingestPassword, corsOrigins, limits, operations, upstream);
  }

  public HttpOptions withOperations(OperationLimits operations) {
    return new HttpOptions(password, ingestPassword, corsOrigins, limits, operations, upstream);
  }

  public HttpOptions withUpstream(Upstream server) {
    return new HttpOptions(password, ingestPassword, corsOrigins, limits, operations, server);
  }

  @Override
  public String toString() {
    return "HttpOptions[corsOrigins="
        + corsOrigins
        + ", limits="
        + limits
        + ", operations="
        + operations
        + "]";
  }
}
