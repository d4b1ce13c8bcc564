package io.oplog.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.oplog.core.engine.Engine;
import io.oplog.core.engine.EngineOptions;
import io.oplog.core.engine.SubscriptionRequest;
import io.oplog.core.memory.MemoryStore;
import io.oplog.protocol.Cursor;
import io.oplog.protocol.Filter;
import io.oplog.protocol.OperationLimits;
import io.oplog.testkit.Operations;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class ChannelStreamTest {
  private static final byte[] HEAD = "head\n".getBytes(StandardCharsets.UTF_8);
  private static final int OPERATIONS = 1000;

  /** A channel within the process takes all at once, so each write ends in news of room. */
  @Test
  void newsOfRoomWithinAWriteSendsNothingTwice() throws Exception {
    MultiThreadIoEventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
    try (MemoryStore store = new MemoryStore()) {
      for (int i = 0; i < OPERATIONS; i++) {
        store.append(List.of(Operations.submission(Operations.insert("video", "x" + i))));
      }
      try (Engine engine = Engine.start(store, EngineOptions.defaults())) {
        String received = replication(engine, loops);
        assertThat(received).startsWith("head\nid: ");
        assertThat(Pattern.compile("\"id\":\"(x\\d+)\"").matcher(received).results())
            .extracting(found -> found.group(1))
            .containsExactlyElementsOf(
                IntStream.range(0, OPERATIONS).mapToObj(i -> "x" + i).toList());
      }
    } finally {
      loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  private static String replication(Engine engine, MultiThreadIoEventLoopGroup loops) {
    LocalAddress address = new LocalAddress("stream");
    Received received = new Received();
    new ServerBootstrap()
        .group(loops)
        .channel(LocalServerChannel.class)
        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1, 2))
        .childHandler(new Streams(engine))
        .bind(address)
        .syncUninterruptibly();
    ChannelFuture client =
        new Bootstrap()
            .group(loops)
            .channel(LocalChannel.class)
            .handler(received)
            .connect(address)
            .syncUninterruptibly();
    Awaitility.await().until(() -> received.text().contains("event: live"));
    client.channel().close().syncUninterruptibly();
    return received.text();
  }

  /** Begins a replication on each connection. */
  private static final class Streams extends ChannelInitializer<Channel> {
    private final Engine engine;

    Streams(Engine engine) {
      this.engine = engine;
    }

    @Override
    protected void initChannel(Channel channel) {
      IoEventLoop executor = (IoEventLoop) channel.eventLoop();
      BodyReader bodies = new BodyReader(OperationLimits.DEFAULTS);
      Loop loop = new Loop(executor, engine.ingester(), engine.newGroup(executor), bodies, 1000);
      SubscriptionRequest all = new SubscriptionRequest(Filter.ALL, Cursor.parse("0"), false);
      // once the connection stands
      executor.execute(() -> new ChannelStream(channel, loop, HEAD, () -> {}).start(all));
    }
  }

  /** What the consumer got. */
  private static final class Received extends SimpleChannelInboundHandler<ByteBuf> {
    private final AtomicReference<String> text = new AtomicReference<>("");

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf bytes) {
      String piece = bytes.toString(StandardCharsets.UTF_8);
      String _ = text.updateAndGet(before -> before + piece);
    }

    String text() {
      return text.get();
    }
  }
}
