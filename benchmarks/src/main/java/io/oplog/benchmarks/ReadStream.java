package io.oplog.benchmarks;

import io.oplog.protocol.Frames;
import io.oplog.protocol.SseException;
import io.oplog.protocol.SseParser;
import io.oplog.protocol.StreamEvent;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** A consumer's side: the bytes of a stream to events, and to operations. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ReadStream {
  private static final int CHUNK = 16_384;

  private final Frames frames = Sample.frames();
  private final SseParser parser = new SseParser();

  @Benchmark
  @OperationsPerInvocation(Sample.OPERATIONS)
  public void toEvents(Blackhole sink) throws SseException {
    for (int at = 0; at < frames.length(); at += CHUNK) {
      parser.feed(frames.bytes(), at, Math.min(at + CHUNK, frames.length()), sink::consume);
    }
  }

  @Benchmark
  @OperationsPerInvocation(Sample.OPERATIONS)
  public void toOperations(Blackhole sink) throws SseException {
    for (int at = 0; at < frames.length(); at += CHUNK) {
      int to = Math.min(at + CHUNK, frames.length());
      parser.feed(frames.bytes(), at, to, event -> sink.consume(StreamEvent.decode(event)));
    }
  }
}
