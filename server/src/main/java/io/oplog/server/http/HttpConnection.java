package io.oplog.server.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection while it speaks HTTP. Confined to its event loop.
 *
 * <p>Requests are read one after the other; each puts an {@link Answer} into a queue, and answers
 * leave in that order, each as soon as it and those before it are done. Whatever ends the
 * connection (a rejected request, a client that asked for it, a stream that takes it over) is the
 * last answer: what the client sends after it is passed over. Having sent it the server waits for
 * the client to close, or to fall silent, since closing first would make the kernel drop an answer
 * that the client has not read yet: some send all they have before they look.
 *
 * <p>Time is kept by {@link Phase}: when the phase changes, a new deadline begins. Who does not
 * take its answers, or asks for too many at once, is not read from.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {
  private static final int SEND_BYTES = 48 << 10;
  private static final int MAX_HELD_BYTES = 1 << 20;
  private static final int MAX_LINGER_BYTES = 64 << 20;
  private static final int MAX_LINGER_TIMEOUTS = 15;
  private static final int BODY_BYTES_PER_MILLI = 16;

  private final HttpService service;
  private final Router router;
  private final Loop loop;
  private final Channel channel;
  private final RequestDecoder decoder;
  private final Sender sender;
  private final AnswerQueue answers = new AnswerQueue();

  private @Nullable Exchange exchange;

  /** Of the request that is being read. */
  private @Nullable RequestHead head;

  private @Nullable Takeover takeover;
  private Phase phase = Phase.HEAD;
  private int deadline;
  private int bodyDeadline;
  private int lingerDeadline;
  private long received;
  private int passedOver;
  private long waiting;
  private boolean requested;
  private boolean sawBytes;
  private boolean paused;
  private boolean ended;
  private boolean inputClosed;
  private boolean closed;

  /** Links of the loop's list of connections. */
  @Nullable HttpConnection before;

  @Nullable HttpConnection after;

  HttpConnection(HttpService service, Router router, Loop loop, Channel channel) {
    this.service = service;
    this.router = router;
    this.loop = loop;
    this.channel = channel;
    this.decoder = new RequestDecoder(this, service.limits());
    this.sender = new Sender(channel, this::allSent);
    this.deadline = loop.tickAfter(service.limits().headTimeout().toMillis());
  }

  RequestDecoder decoder() {
    return decoder;
  }

  Loop loop() {
    return loop;
  }

  HttpCounters counters() {
    return service.counters();
  }

  AccessLog log() {
    return service.log();
  }

  /** Who is at the other end, for the log. */
  Object client() {
    return String.valueOf(channel.remoteAddress());
  }

  // ---- reading ----

  /** Whether bytes that arrived are to be read as requests. */
  boolean wants(int bytes) {
    if (!ended) {
      sawBytes = true;
      return !paused || holdsRest(bytes);
    }
    if (phase == Phase.LINGERING) {
      passOver(bytes);
    }
    return false;
  }

  /**
   * Bytes come in spite of the pause when the client has closed its half: Netty reads once more and
   * then lets go of the socket, so that what is not read now is lost.
   */
  private boolean holdsRest(int bytes) {
    channel.config().setAutoRead(true);
    if (decoder.held() + bytes > MAX_HELD_BYTES) {
      close();
      return false;
    }
    return true;
  }

  private void passOver(int bytes) {
    passedOver += bytes;
    deadline = Math.min(lingerDeadline, deadline(Phase.LINGERING));
    if (passedOver > MAX_LINGER_BYTES) {
      close();
    }
  }

  /** Whether a request's next part is to be decoded; between two, whether there is room for one. */
  boolean takesRequests() {
    return exchange != null || answers.size() < service.limits().maxPipelined();
  }

  /** Whether nothing more is read as a request. */
  boolean hasEnded() {
    return ended;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (!ended && message instanceof HttpRequest request) {
        begin(request);
      }
      if (!ended && message instanceof HttpContent content) {
        proceed(content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(HttpRequest request) {
    sawBytes = false;
    requested = true;
    received = 0;
    phase = Phase.BEGUN;
    if (request.decoderResult().isFailure()) {
      reject(malformed(request.decoderResult().cause()));
      return;
    }
    RequestHead begun = router.head(request);
    head = begun;
    exchange = router.route(this, request, begun);
  }

  private static Reply malformed(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return Reply.problem(414, "the request line is too long");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return Reply.problem(431, "the request's head is too long");
    }
    return Reply.problem(400, "this is not an HTTP/1.1 request");
  }

  private void proceed(HttpContent content) {
    Exchange current = exchange;
    if (current == null) {
      return;
    }
    if (content.decoderResult().isFailure()) {
      reject(Reply.problem(400, "the body is not framed as HTTP/1.1 wants it"));
      return;
    }
    received += content.content().readableBytes();
    boolean complete = content instanceof LastHttpContent;
    current.content(content.content(), complete);
    if (complete) {
      exchange = null;
      head = null;
      sawBytes = false;
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    drain();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputClosed = true;
      ended = true;
      releaseExchange();
      if (takeover != null) {
        takeover.gone();
      } else if (phase != Phase.LINGERING) {
        drain();
      } else if (!sender.isPending()) {
        close();
      }
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    closed = true;
    releaseExchange();
    service.waiting().release(waiting);
    waiting = 0;
    loop.remove(this);
    if (takeover != null) {
      takeover.gone();
    } else {
      service.counters().closed();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!(cause instanceof IOException || cause instanceof UncheckedIOException)) {
      service.log().failed(client(), cause);
    }
    close();
  }

  // ---- answers ----

  /** Adds an answer. One that closes is the last. */
  void enqueue(Answer answer) {
    answers.add(answer);
    ended |= answer.closes;
    if (answers.size() >= service.limits().maxPipelined()) {
      pause();
    }
  }

  /**
   * Ends the connection with an answer to a request that is not read to its end.
   *
   * @return null, for nothing reads the request
   */
  @Nullable Exchange reject(Reply reply) {
    releaseExchange();
    RequestHead of = head == null ? unknownHead() : head;
    service.log().refused(client(), reply.status(), of.shownPath());
    enqueue(new Answer.Ready(this, of.closing(), reply));
    return null;
  }

  private RequestHead unknownHead() {
    return new RequestHead("", service.cors().linesFor(null), true, false);
  }

  private void releaseExchange() {
    if (exchange != null) {
      exchange.release();
      exchange = null;
    }
  }

  /** Other threads have completed answers. */
  void answersCompleted() {
    if (answers.ready() != null) {
      drain();
    }
  }

  /** Sends all answers whose turn it is, then begins the time for whatever comes next. */
  private void drain() {
    if (isOver()) {
      return;
    }
    boolean closes = sendReady();
    if (closed) {
      return;
    }
    if (closes || (inputClosed && answers.isEmpty())) {
      linger();
    } else if (!sender.isPending()) {
      goOn();
    }
    settle();
  }

  /** Whether there is nothing left to be answered here. */
  private boolean isOver() {
    return closed || takeover != null || phase == Phase.LINGERING;
  }

  /** Sends the answers up to a stream or to one that closes; whether it was such a one. */
  private boolean sendReady() {
    boolean closes = false;
    while (!closes && !closed && !sender.isPending() && canRender()) {
      closes = renderSome();
      send();
    }
    return closes;
  }

  private boolean canRender() {
    Answer ready = answers.ready();
    return ready != null && !ready.takesOver();
  }

  /** Renders no more at once than a socket takes: what it does not take is held in memory. */
  private boolean renderSome() {
    boolean closes = false;
    while (!closes && canRender() && loop.out().length() < SEND_BYTES) {
      Answer ready = answers.pop();
      ready.render(loop.out());
      closes = ready.closes;
    }
    return closes;
  }

  /** All that was ready has been sent: now a stream can begin, or requests be read again. */
  private void goOn() {
    if (answers.ready() instanceof StreamAnswer opening) {
      openStream(opening);
    } else if (answers.ready() instanceof TunnelAnswer opening) {
      openTunnel(opening);
    } else if (answers.size() <= service.limits().maxPipelined() / 2) {
      resumeReading();
    }
  }

  private void send() {
    try {
      sender.send(loop.out());
    } catch (IOException e) {
      close();
    }
  }

  private void allSent() {
    if (closed) {
      return;
    }
    if (phase == Phase.LINGERING) {
      shutdownOutput();
    } else {
      drain();
    }
  }

  private void openStream(StreamAnswer opening) {
    answers.pop();
    long filterBytes = opening.request().filterBytes();
    if (service.filters().reserve(filterBytes)) {
      startStream(opening, filterBytes);
    } else {
      enqueue(opening.refused(Replies.FILTERS_FULL));
      drain();
    }
  }

  private void startStream(StreamAnswer opening, long filterBytes) {
    opening.render(loop.out());
    leave();
    ConnectionStream stream =
        ConnectionStream.over(channel, loop, loop.out().take(), service.streamEnd(filterBytes));
    takeover = stream;
    stream.start(opening.request());
  }

  private void openTunnel(TunnelAnswer opening) {
    answers.pop();
    leave();
    Tunnel tunnel =
        new Tunnel(
            channel,
            loop,
            Objects.requireNonNull(service.options().upstream()),
            opening,
            service.limits().writeTimeout(),
            service.streamEnd(0));
    takeover = tunnel;
    tunnel.start();
  }

  /** Another takes the connection over. */
  private void leave() {
    loop.remove(this);
    service.waiting().release(waiting);
    waiting = 0;
  }

  // ---- the end ----

  private void linger() {
    ended = true;
    phase = Phase.LINGERING;
    deadline = deadline(Phase.LINGERING);
    lingerDeadline =
        loop.tickAfter(service.limits().lingerTimeout().toMillis() * MAX_LINGER_TIMEOUTS);
    resumeReading();
    if (!sender.isPending()) {
      shutdownOutput();
    }
  }

  private void shutdownOutput() {
    deadline = Math.min(lingerDeadline, deadline(Phase.LINGERING));
    if (inputClosed || !(channel instanceof DuplexChannel duplex)) {
      close();
    } else {
      ChannelFuture _ = duplex.shutdownOutput();
    }
  }

  /** The server stops: ends after the answers that are due. */
  void finish() {
    if (answers.isEmpty() && exchange == null && !sender.isPending()) {
      close();
    } else {
      ended = true;
      inputClosed = true;
      releaseExchange();
      drain();
    }
  }

  void close() {
    closed = true;
    ChannelFuture _ = channel.close();
  }

  // ---- whoever does not take answers is not read from ----

  private void pause() {
    if (!paused) {
      paused = true;
      channel.config().setAutoRead(false);
    }
  }

  private void resumeReading() {
    if (!paused) {
      return;
    }
    paused = false;
    if (!isInputShutdown()) {
      channel.config().setAutoRead(true);
    }
    loop.executor().execute(this::readOn); // others have their turn first
  }

  /** Netty has then forgotten the socket, and fails on being asked to read it. */
  private boolean isInputShutdown() {
    return channel instanceof DuplexChannel duplex && duplex.isInputShutdown();
  }

  /** Reads the requests that arrived before the pause. */
  private void readOn() {
    ChannelHandlerContext context = channel.pipeline().context(decoder);
    if (context == null || paused) {
      return;
    }
    try {
      decoder.decodeMore(context);
    } catch (Exception e) {
      exceptionCaught(context, e);
    }
    drain();
  }

  // ---- time ----

  /** What the connection waits for. */
  private enum Phase {
    /** A request was begun: whatever comes next has a deadline of its own. */
    BEGUN,
    /** The first byte of a request. */
    IDLE,
    /** The rest of a head. */
    HEAD,
    /** The rest of a body. */
    BODY,
    /** Answers that others make; no deadline. */
    ANSWERS,
    /** The client, to take what was sent. */
    SENDING,
    /** The client, to close after the last answer. */
    LINGERING
  }

  private void settle() {
    if (isOver()) {
      return;
    }
    Phase now = phaseNow();
    if (now != phase) {
      phase = now;
      deadline = deadline(now);
      bodyDeadline = deadline;
    }
    if (now == Phase.BODY) {
      deadline = bodyDeadline + loop.ticks(received / BODY_BYTES_PER_MILLI);
    } else if (now == Phase.SENDING) {
      pause();
    }
    account();
  }

  /** Holds what waits here, in and out, against what may wait for all connections together. */
  private void account() {
    long now = sender.pendingBytes() + (paused ? decoder.held() : 0);
    if (service.waiting().moved(waiting, now)) {
      waiting = now;
    } else {
      service.counters().cut();
      service.log().cut(client());
      close();
    }
  }

  private Phase phaseNow() {
    if (sender.isPending()) {
      return Phase.SENDING;
    }
    if (exchange != null) {
      return Phase.BODY;
    }
    if (!answers.isEmpty()) {
      return Phase.ANSWERS;
    }
    return sawBytes || decoder.hasPart() ? Phase.HEAD : Phase.IDLE;
  }

  private int deadline(Phase of) {
    HttpLimits limits = service.limits();
    return switch (of) {
      case BEGUN, IDLE -> loop.tickAfter(limits.idleTimeout().toMillis());
      case HEAD -> loop.tickAfter(limits.headTimeout().toMillis());
      case BODY -> loop.tickAfter(limits.bodyTimeout().toMillis());
      case SENDING -> loop.tickAfter(limits.writeTimeout().toMillis());
      case LINGERING -> loop.tickAfter(limits.lingerTimeout().toMillis());
      case ANSWERS -> Integer.MAX_VALUE;
    };
  }

  /** Ends the connection when its time is over. */
  void checkDeadline(int tick) {
    if (tick < deadline || closed) {
      return;
    }
    boolean owesAnswer = phase == Phase.BODY || (phase == Phase.HEAD && (sawBytes || requested));
    if (owesAnswer && !ended) {
      reject(Replies.TIMEOUT);
      drain();
    } else {
      close();
    }
  }
}
