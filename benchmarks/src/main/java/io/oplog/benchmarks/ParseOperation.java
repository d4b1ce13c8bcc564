package io.oplog.benchmarks;

import io.oplog.protocol.InvalidOperationException;
import io.oplog.protocol.OperationLimits;
import io.oplog.protocol.OperationReader;
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

/** Bytes of a producer to operations. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ParseOperation {
  private final byte[] single = Sample.json();
  private final byte[] lines = Sample.ndjson();
  private final OperationReader reader = new OperationReader(OperationLimits.DEFAULTS);

  @Benchmark
  public void ofOneBody(Blackhole sink) throws InvalidOperationException {
    reader.readJson(single, 0, single.length, 0, sink::consume);
  }

  @Benchmark
  @OperationsPerInvocation(Sample.OPERATIONS)
  public void ofLines(Blackhole sink) throws InvalidOperationException {
    reader.readNdjson(lines, 0, lines.length, 0, sink::consume);
  }

  @Benchmark
  public void ofOneDatagram(Blackhole sink) {
    reader.readDatagram(single, 0, single.length, 0, sink::consume, sink::consume);
  }
}
