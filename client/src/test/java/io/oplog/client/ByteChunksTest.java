package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

class ByteChunksTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final ByteChunks chunks = new ByteChunks();
  private final Requests requests = new Requests();

  /** What was asked of the network. */
  private static final class Requests implements Flow.Subscription {
    private long chunks;

    @Override
    public void request(long more) {
      chunks += more;
    }

    @Override
    public void cancel() {
      // not told
    }
  }

  private void arrives(int length) {
    chunks.onNext(List.of(ByteBuffer.allocate(length)));
  }

  @Test
  void aReaderThatStopsIsSentNoMoreThanWasAskedForAhead() throws Exception {
    chunks.onSubscribe(requests);
    long ahead = requests.chunks;
    for (int i = 1; i <= ahead; i++) {
      arrives(i);
    }
    assertThat(requests.chunks).isEqualTo(ahead);
    assertThat(chunks.next(LONG)).containsExactly(ByteBuffer.allocate(1));
    assertThat(requests.chunks).isEqualTo(ahead + 1);
  }
}
