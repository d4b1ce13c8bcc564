package io.oplog.server.http;

import io.oplog.core.engine.Ingester;

/**
 * What all connections of the server share. Immutable but for what its parts count.
 *
 * @param options how HTTP is spoken
 * @param ingester where operations go
 * @param pages who makes the pages
 * @param counters what is counted
 * @param budget bytes of half-read bodies
 * @param filters bytes of the filters of open streams
 * @param decoding bytes of bodies that the event loops are making frames of, and of these frames
 * @param waiting bytes of requests that wait for room, and of answers that clients do not take
 * @param cors who may read answers in a browser
 * @param streamCredentials who may read the stream
 * @param ingestCredentials who may write
 * @param log where refused requests are noted
 */
record HttpService(
    HttpOptions options,
    Ingester ingester,
    PageMaker pages,
    HttpCounters counters,
    ByteBudget budget,
    ByteBudget filters,
    ByteBudget decoding,
    ByteBudget waiting,
    Cors cors,
    Credentials streamCredentials,
    Credentials ingestCredentials,
    AccessLog log) {

  static HttpService of(HttpOptions options, Ingester ingester, Page.Source pages) {
    return new HttpService(
        options,
        ingester,
        new PageMaker(pages),
        new HttpCounters(),
        new ByteBudget(options.limits().maxBufferedBytes()),
        new ByteBudget(options.limits().maxFilterBytes()),
        new ByteBudget(options.limits().maxDecodingBytes()),
        new ByteBudget(HttpLimits.maxWaitingBytes()),
        new Cors(options.corsOrigins()),
        new Credentials(options.password()),
        new Credentials(options.ingestPassword()),
        new AccessLog());
  }

  /** What is to be done when a stream has closed its connection. Holds nothing of the latter. */
  Runnable streamEnd(long filterBytes) {
    return () -> {
      filters.release(filterBytes);
      counters.closed();
    };
  }

  HttpLimits limits() {
    return options.limits();
  }
}
