package io.oplog.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hands another server's answer to a client as it comes, until either ends. Nothing is held here
 * but what is on its way: a client that does not take it keeps the other server from sending, which
 * deals with it as with any slow consumer. Confined to the client's event loop.
 */
final class Tunnel extends SilentClient {
  private static final long ANSWER_SECONDS = 30;

  private final Loop loop;
  private final Upstream upstream;
  private final TunnelAnswer answer;
  private final HttpCounters counters;
  private final Duration writeTimeout;
  private final Runnable ended;
  private @Nullable Channel server;
  private @Nullable Future<?> answerLimit;
  private boolean answered;
  private boolean finishing;
  private boolean closed;

  /**
   * Since when the client takes nothing, a value of {@code nanoTime}; and whether that is watched.
   */
  private long stuckSince;

  private boolean watching;

  /**
   * A tunnel for a client that has nothing left to be sent.
   *
   * @param writeTimeout how long the client may take nothing
   * @param ended run once, when the connection is closed
   */
  Tunnel(
      Channel client,
      Loop loop,
      Upstream upstream,
      TunnelAnswer answer,
      Duration writeTimeout,
      Runnable ended) {
    super(client);
    this.loop = loop;
    this.upstream = upstream;
    this.answer = answer;
    this.counters = answer.connection().counters();
    this.writeTimeout = writeTimeout;
    this.ended = ended;
  }

  /** Asks the other server. Its name is looked up elsewhere, since that may block. */
  void start() {
    loop.add(this);
    counters.tunnelOpened();
    answerLimit = loop.executor().schedule(this::requireAnswer, ANSWER_SECONDS, TimeUnit.SECONDS);
    takeOver();
    if (!closed) {
      Thread _ = Thread.ofVirtual().name("oplog-resolve").start(this::resolve);
    }
  }

  private void resolve() {
    InetSocketAddress address = upstream.resolve();
    try {
      loop.executor().execute(() -> connect(address));
    } catch (RejectedExecutionException _) {
      // the server has stopped meanwhile, and this connection with it
    }
  }

  private void connect(InetSocketAddress address) {
    if (closed) {
      return;
    }
    ChannelFuture _ =
        upstream
            .connect(address, client.eventLoop(), client, new ServerSide())
            .addListener((ChannelFuture connecting) -> connected(connecting));
  }

  private void connected(ChannelFuture connecting) {
    if (closed) {
      ChannelFuture _ = connecting.channel().close();
    } else if (connecting.isSuccess()) {
      server = connecting.channel();
      ChannelFuture _ =
          connecting.channel().writeAndFlush(Unpooled.wrappedBuffer(answer.takeRequest()));
    } else {
      refuse(Replies.UPSTREAM_AWAY);
    }
  }

  private void requireAnswer() {
    if (!answered) {
      refuse(Replies.UPSTREAM_AWAY);
    }
  }

  /** Says that there is no answer. */
  private void refuse(Reply reply) {
    if (!closed && !finishing) {
      finish(Unpooled.wrappedBuffer(answer.refused(reply, loop.out())));
    }
  }

  /** Lets the client take what is left, within its time, and then closes. */
  private void finish(ByteBuf last) {
    finishing = true;
    closeServer();
    ChannelFuture _ = client.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
    watchClient();
  }

  // ---- the other server ----

  private final class ServerSide extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (closed || finishing || !(message instanceof ByteBuf bytes)) {
        ReferenceCountUtil.release(message);
      } else if (answered || isForConsumers(bytes)) {
        answered = true;
        ChannelFuture _ = client.write(bytes);
      } else {
        bytes.release();
        refuse(Replies.UPSTREAM_REFUSED);
      }
    }

    /**
     * What the other server has against this one, as its password, or one that is none of ours, is
     * not the consumer's to hear. An answer begins with its status in one piece.
     */
    private boolean isForConsumers(ByteBuf bytes) {
      int length = Math.min(12, bytes.readableBytes());
      String begin = bytes.toString(bytes.readerIndex(), length, ISO_8859_1);
      return begin.matches("HTTP/1\\.1 (2..|400|404|405|406|414|431|503)");
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      client.flush();
      if (!client.isWritable() && context.channel().config().isAutoRead()) {
        context.channel().config().setAutoRead(false);
        watchClient();
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      serverGone();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      serverGone();
    }
  }

  private void serverGone() {
    if (!answered) {
      refuse(Replies.UPSTREAM_AWAY);
    } else if (!closed && !finishing) {
      finish(Unpooled.EMPTY_BUFFER);
    }
  }

  // ---- the client ----

  private void watchClient() {
    stuckSince = System.nanoTime();
    if (!watching) {
      watchAfter(writeTimeout.toNanos());
    }
  }

  private void watchAfter(long nanos) {
    watching = true;
    Future<?> _ = loop.executor().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
  }

  private void look() {
    watching = false;
    if (closed || (client.isWritable() && !finishing)) {
      return;
    }
    long left = writeTimeout.toNanos() - (System.nanoTime() - stuckSince);
    if (left > 0) {
      watchAfter(left);
    } else {
      gone();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (client.isWritable() && server != null) {
      server.config().setAutoRead(true);
    }
  }

  @Override
  public void gone() {
    if (!closed) {
      end();
      ChannelFuture _ = client.close();
    }
  }

  private void end() {
    closed = true;
    if (answerLimit != null) {
      answerLimit.cancel(false);
    }
    loop.remove(this);
    counters.tunnelClosed();
    ended.run();
    closeServer();
  }

  private void closeServer() {
    if (server != null) {
      ChannelFuture _ = server.close();
    }
  }
}
