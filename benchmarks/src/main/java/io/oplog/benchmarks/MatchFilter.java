package io.oplog.benchmarks;

import io.oplog.protocol.Filter;
import io.oplog.protocol.FrameFields;
import io.oplog.protocol.FrameFilter;
import io.oplog.protocol.Frames;
import java.util.Set;
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

/** Filters held against the bytes of frames. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 6, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MatchFilter {
  private final Frames frames = Sample.frames();
  private final FrameFields fields = new FrameFields();
  private final FrameFilter types =
      new FrameFilter(new Filter(Set.of("t00001", "t00002", "t00003"), Set.of()));
  private final FrameFilter parents = new FrameFilter(new Filter(Set.of(), Set.of("user/1")));

  @Benchmark
  @OperationsPerInvocation(Sample.OPERATIONS)
  public int byType() {
    return matches(types);
  }

  @Benchmark
  @OperationsPerInvocation(Sample.OPERATIONS)
  public int byParent() {
    return matches(parents);
  }

  private int matches(FrameFilter filter) {
    int found = 0;
    for (int i = 0; i < frames.count(); i++) {
      found += filter.matches(frames.bytes(), frames.start(i)) ? 1 : 0;
    }
    return found;
  }

  /** What a filter costs at least: finding where type and id are. */
  @Benchmark
  @OperationsPerInvocation(Sample.OPERATIONS)
  public int scan() {
    int sum = 0;
    for (int i = 0; i < frames.count(); i++) {
      sum += fields.reset(frames.bytes(), frames.start(i)).typeEnd();
    }
    return sum;
  }
}
