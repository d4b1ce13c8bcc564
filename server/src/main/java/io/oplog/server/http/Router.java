package io.oplog.server.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.oplog.core.engine.SubscriptionRequest;
import io.oplog.core.store.SourceMove;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides from a request's head what becomes of it. Every check that can be made before the body
 * was read is made here, so that nobody sends 8 MiB to be told of a wrong password.
 */
final class Router {
  private static final String OPERATIONS_METHODS = "GET, HEAD, POST, OPTIONS";
  private static final String PAGE_METHODS = "GET, HEAD, OPTIONS";

  private final HttpService service;

  Router(HttpService service) {
    this.service = service;
  }

  /** What reads the request's body; null when the connection was told to reject it. */
  @Nullable Exchange route(HttpConnection connection, HttpRequest request, RequestHead head) {
    if (!isSpoken(request.protocolVersion())) {
      return connection.reject(Replies.VERSION);
    }
    if (request.protocolVersion().equals(HttpVersion.HTTP_1_1) && !namesOneHost(request)) {
      return connection.reject(Replies.HOST);
    }
    String coding = request.headers().get(HttpHeaderNames.TRANSFER_ENCODING);
    if (coding != null && !coding.strip().equalsIgnoreCase("chunked")) {
      return connection.reject(Replies.TRANSFER_CODING);
    }
    return switch (head.path()) {
      case "/", "/ops" -> operations(connection, request, head);
      case "*" -> options(connection, request, head, OPERATIONS_METHODS);
      default -> page(connection, request, head);
    };
  }

  private static boolean isSpoken(HttpVersion version) {
    return version.equals(HttpVersion.HTTP_1_1) || version.equals(HttpVersion.HTTP_1_0);
  }

  /** RFC 9112, section 3.2: a request that does not is refused, since proxies may differ on it. */
  private static boolean namesOneHost(HttpRequest request) {
    Iterator<String> hosts = request.headers().valueStringIterator(HttpHeaderNames.HOST);
    if (!hosts.hasNext()) {
      return false;
    }
    hosts.next();
    return !hosts.hasNext();
  }

  /** What of the request its answer needs, whatever the answer is. */
  RequestHead head(HttpRequest request) {
    boolean keep =
        HttpUtil.isKeepAlive(request) && request.protocolVersion().equals(HttpVersion.HTTP_1_1);
    String origin =
        service.cors().needsOrigin() ? request.headers().get(HttpHeaderNames.ORIGIN) : null;
    return new RequestHead(
        Target.path(request.uri()),
        service.cors().linesFor(origin),
        !keep,
        request.method().equals(HttpMethod.HEAD));
  }

  private @Nullable Exchange operations(
      HttpConnection connection, HttpRequest request, RequestHead head) {
    return switch (request.method().name()) {
      case "POST" -> ingest(connection, request, head);
      case "GET", "HEAD" -> stream(connection, request, head);
      default -> options(connection, request, head, OPERATIONS_METHODS);
    };
  }

  private @Nullable Exchange page(
      HttpConnection connection, HttpRequest request, RequestHead head) {
    for (Page.Path path : Page.Path.values()) {
      if (path.path().equals(head.path())) {
        return switch (request.method().name()) {
          case "GET", "HEAD" -> new PageExchange(connection, head, service.pages(), path);
          default -> options(connection, request, head, PAGE_METHODS);
        };
      }
    }
    return refuse(connection, request, head, Replies.NOT_FOUND);
  }

  private @Nullable Exchange options(
      HttpConnection connection, HttpRequest request, RequestHead head, String allowed) {
    if (!request.method().equals(HttpMethod.OPTIONS)) {
      return refuse(connection, request, head, Replies.notAllowed(allowed));
    }
    String granted = service.cors().preflightFor(request.headers().get(HttpHeaderNames.ORIGIN));
    Reply preflight = new Reply(204, granted, null, new byte[0]).with("Allow", allowed);
    return new AnsweredExchange(connection, new Answer.Ready(connection, head, preflight));
  }

  // ---- ingest ----

  private @Nullable Exchange ingest(
      HttpConnection connection, HttpRequest request, RequestHead head) {
    HttpHeaders headers = request.headers();
    if (!isAllowed(service.ingestCredentials(), headers)) {
      return refuse(connection, request, head, Replies.UNAUTHORIZED);
    }
    BodyFormat format = BodyFormat.of(headers.get(HttpHeaderNames.CONTENT_TYPE));
    BodyCoding coding = BodyCoding.of(headers.get(HttpHeaderNames.CONTENT_ENCODING));
    if (format == null || coding == null) {
      return refuse(connection, request, head, Replies.UNSUPPORTED_TYPE);
    }
    SourceMove move;
    try {
      move = sourceMove(headers);
    } catch (IllegalArgumentException e) {
      return refuse(connection, request, head, Reply.problem(400, String.valueOf(e.getMessage())));
    }
    long announced = HttpUtil.getContentLength(request, 0L);
    if (announced > service.limits().maxBodyBytes()) {
      return connection.reject(Replies.tooLarge(service.limits().maxBodyBytes()));
    }
    return body(
        connection,
        request,
        new IngestExchange(connection, service, head, format, coding, (int) announced, move));
  }

  private static boolean isAllowed(Credentials credentials, HttpHeaders headers) {
    return credentials.isOpen() || credentials.allows(headers.get(HttpHeaderNames.AUTHORIZATION));
  }

  private static @Nullable SourceMove sourceMove(HttpHeaders headers) {
    String value = headers.get(SourceHeader.NAME);
    if (value == null) {
      return null;
    }
    if (headers.getAll(SourceHeader.NAME).size() > 1) {
      throw new IllegalArgumentException(SourceHeader.NAME + " is given twice");
    }
    return SourceHeader.parse(value);
  }

  private @Nullable Exchange body(
      HttpConnection connection, HttpRequest request, IngestExchange exchange) {
    String expect = request.headers().get(HttpHeaderNames.EXPECT);
    if (expect != null && request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
      if (!expect.strip().equalsIgnoreCase("100-continue")) {
        return connection.reject(Replies.EXPECTATION);
      }
      connection.enqueue(new Answer.Continue(connection));
    }
    return exchange;
  }

  // ---- stream ----

  private @Nullable Exchange stream(
      HttpConnection connection, HttpRequest request, RequestHead head) {
    if (!isAllowed(service.streamCredentials(), request.headers())) {
      return refuse(connection, request, head, Replies.UNAUTHORIZED);
    }
    List<String> accept = request.headers().getAll(HttpHeaderNames.ACCEPT);
    if (!accept.isEmpty() && !AcceptHeader.allowsEventStream(accept)) {
      return refuse(connection, request, head, Replies.NOT_ACCEPTABLE);
    }
    try {
      return new AnsweredExchange(connection, streamAnswer(connection, request, head));
    } catch (IllegalArgumentException e) {
      return refuse(connection, request, head, Reply.problem(400, String.valueOf(e.getMessage())));
    }
  }

  /**
   * The stream, or what a {@code HEAD} request gets, or another server's.
   *
   * @throws IllegalArgumentException when it cannot be told what is asked
   */
  private Answer streamAnswer(HttpConnection connection, HttpRequest request, RequestHead head) {
    String lastEventId = request.headers().get(Target.LAST_EVENT_ID, "");
    SubscriptionRequest subscription = Target.subscription(request.uri(), lastEventId);
    Upstream upstream = service.options().upstream();
    if (upstream != null) {
      return new TunnelAnswer(connection, head, upstream.request(request));
    }
    return head.isHead()
        ? new Answer.Ready(connection, head, StreamAnswer.HEAD_REPLY)
        : new StreamAnswer(connection, head, subscription, lastEventId);
  }

  // ---- refusals ----

  /**
   * Answers without looking at the body. Where the client waits for leave to send the body, or the
   * body is long, the connection ends with the answer.
   */
  private @Nullable Exchange refuse(
      HttpConnection connection, HttpRequest request, RequestHead head, Reply reply) {
    if (request.headers().contains(HttpHeaderNames.EXPECT)
        || HttpUtil.getContentLength(request, 0L) > AnsweredExchange.MAX_PASSED_OVER) {
      return connection.reject(reply);
    }
    service.log().refused(connection.client(), reply.status(), head.shownPath());
    return new AnsweredExchange(connection, new Answer.Ready(connection, head, reply));
  }
}
