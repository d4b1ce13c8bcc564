package io.oplog.server.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Hands another server's answer to a client as it comes, until either ends. Nothing is held here
 * but what is on its way: a client that does not take it keeps the other server from sending, which
 * deals with it as with any slow consumer. Confined to the client's event loop.
 */
final class Tunnel extends ChannelInboundHandlerAdapter implements Takeover {
  private static final int MAX_PASSED_OVER = 64 << 10;
  private static final long ANSWER_SECONDS = 30;

  private final Channel client;
  private final Loop loop;
  private final Upstream upstream;
  private final TunnelAnswer answer;
  private final Duration writeTimeout;
  private final Runnable ended;
  private @Nullable Channel server;
  private boolean answered;
  private boolean closed;
  private int passedOver;

  /** How often the client began to take nothing. */
  private int stuck;

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
    this.client = client;
    this.loop = loop;
    this.upstream = upstream;
    this.answer = answer;
    this.writeTimeout = writeTimeout;
    this.ended = ended;
  }

  /** Asks the other server. Its name is looked up elsewhere, since that may block. */
  void start() {
    loop.add(this);
    takeOver();
    Thread _ = Thread.ofVirtual().name("oplog-resolve").start(this::resolve);
    Future<?> _ = loop.executor().schedule(this::requireAnswer, ANSWER_SECONDS, TimeUnit.SECONDS);
  }

  private void takeOver() {
    ChannelPipeline pipeline = client.pipeline();
    pipeline.addLast(this);
    while (pipeline.first() != this) {
      pipeline.removeFirst();
    }
    client.config().setAutoRead(true);
    if (!client.isActive()) {
      gone();
    }
  }

  private void resolve() {
    InetSocketAddress address = upstream.resolve();
    loop.executor().execute(() -> connect(address));
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
          connecting.channel().writeAndFlush(Unpooled.wrappedBuffer(answer.request()));
    } else {
      refuse();
    }
  }

  private void requireAnswer() {
    if (!answered) {
      refuse();
    }
  }

  /** Says that there is no answer. */
  private void refuse() {
    if (!closed) {
      byte[] bytes = answer.refused(Replies.UPSTREAM_AWAY, loop.out());
      ChannelFuture _ =
          client
              .writeAndFlush(Unpooled.wrappedBuffer(bytes))
              .addListener(ChannelFutureListener.CLOSE);
      end();
    }
  }

  // ---- the other server ----

  private final class ServerSide extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (closed) {
        ReferenceCountUtil.release(message);
      } else {
        answered = true;
        ChannelFuture _ = client.write(message);
      }
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
      refuse();
    } else if (!closed) {
      ChannelFuture _ =
          client.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      end();
    }
  }

  // ---- the client ----

  private void watchClient() {
    int now = ++stuck;
    Future<?> _ =
        loop.executor()
            .schedule(
                () -> {
                  if (now == stuck && !client.isWritable()) {
                    gone();
                  }
                },
                writeTimeout.toMillis(),
                TimeUnit.MILLISECONDS);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (client.isWritable() && server != null) {
      stuck++;
      server.config().setAutoRead(true);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf bytes) {
      passedOver += bytes.readableBytes();
    }
    ReferenceCountUtil.release(message);
    if (passedOver > MAX_PASSED_OVER) {
      gone();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      gone();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    gone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    gone(); // the client went away
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
    loop.remove(this);
    ended.run();
    if (server != null) {
      ChannelFuture _ = server.close();
    }
  }
}
