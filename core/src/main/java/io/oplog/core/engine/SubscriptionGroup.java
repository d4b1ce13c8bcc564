package io.oplog.core.engine;

import io.oplog.core.engine.Outlet.CloseReason;
import io.oplog.core.store.LogBatch;
import io.oplog.core.store.StoreException;
import io.oplog.protocol.ControlFrames;
import io.oplog.protocol.Cursor;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Frame;
import io.oplog.protocol.FrameFilter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The subscriptions of one event loop. All methods but {@link #wake}, {@link #foldMoved} and the
 * counters are called on that loop.
 *
 * <p>The group follows the tail in rounds: it gathers what is new into one buffer and writes that
 * to every live follower. While it is busy writing, the tail grows, and the next round is larger:
 * events are coalesced under load and only then. Filtered followers are found through {@link
 * LiveIndex}.
 */
public final class SubscriptionGroup {
  private static final Logger LOG = LoggerFactory.getLogger(SubscriptionGroup.class);
  private static final int ROUNDS_AT_ONCE = 8;
  private static final int MIN_PAGE = 4 << 10;
  private static final int MIN_PAGES = 2048;
  private static final int MAX_PAGE = 256 << 10;
  private static final int PAGE_BUDGET = 32 << 20;
  private static final long RETRY_MILLIS = 1000;

  private final Engine engine;
  private final ScheduledExecutorService loop;
  private final LiveFollowers live = new LiveFollowers();
  private final Round round = new Round();
  private final Round replay = new Round();
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(MAX_PAGE);
  private final ByteBuffer gathered = ByteBuffer.allocate(MAX_PAGE);
  private final List<LogBatch> batches = new ArrayList<>();
  private final Set<Follower> foldWaiters = new LinkedHashSet<>();
  private final Set<Follower> tailWaiters = new LinkedHashSet<>();
  private final List<Follower> open = new ArrayList<>();
  private final TickWheel wheel = new TickWheel();
  private final AtomicBoolean woken = new AtomicBoolean();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong fallen = new AtomicLong();
  private final AtomicLong slow = new AtomicLong();

  private long position;
  private long second;
  private final AtomicInteger size = new AtomicInteger();
  private volatile boolean awaitingFold;
  private boolean ticking;
  private final Ticks ticks;

  SubscriptionGroup(Engine engine, ScheduledExecutorService loop) {
    this.engine = engine;
    this.loop = loop;
    this.ticks = new Ticks(engine.options().streams());
    jump();
  }

  /**
   * Starts a stream. The response head must have been written to the outlet's connection before.
   *
   * @return the handle by which the connection tells of room and of its end
   */
  public Subscription subscribe(SubscriptionRequest request, Outlet outlet) {
    int _ = size.incrementAndGet(); // wake() is heard from here on, so nothing is missed
    if (live.count() == 0) {
      jump(); // nobody woke a group without streams
    }
    ticks.update();
    FrameFilter filter =
        request.filter().isAll() ? FrameFilter.ALL : new FrameFilter(request.filter());
    Follower follower = new Follower(this, outlet, filter, request, ticks.closeAt());
    follower.openIndex = open.size();
    open.add(follower);
    wheel.add(follower, ticks.now() + 1);
    startTicking();
    start(follower, request);
    return follower;
  }

  private void start(Follower follower, SubscriptionRequest request) {
    Cursor cursor = request.cursor();
    if (cursor instanceof Cursor.Now) {
      follower.startLive(end());
    } else {
      fetch(follower, () -> engine.reader().begin(cursor, request.progress()));
    }
  }

  /** How many streams are open. Any thread. */
  public int size() {
    return size.get();
  }

  /** How many events were handed to connections. Any thread. */
  public long sent() {
    return sent.getOpaque();
  }

  /** How often a consumer did not keep up and left the group's rounds. Any thread. */
  public long fallenBehind() {
    return fallen.getOpaque();
  }

  /** How many consumers were closed because they took nothing. Any thread. */
  public long closedAsSlow() {
    return slow.getOpaque();
  }

  /** Ends every stream, each at a moment of its own within the given time. */
  public void closeAll(CloseReason reason, Duration spread) {
    for (Follower follower : List.copyOf(open)) {
      long delay = spread.isZero() ? 0 : ThreadLocalRandom.current().nextLong(spread.toNanos());
      if (delay == 0) {
        follower.end(reason);
      } else {
        Future<?> _ = loop.schedule(() -> follower.end(reason), delay, TimeUnit.NANOSECONDS);
      }
    }
  }

  // ---- rounds ----

  /** There is more in the tail. Any thread; cheap when the group knows already. */
  void wake() {
    if (size.get() > 0 && woken.compareAndSet(false, true)) {
      execute(this::advance);
    }
  }

  private void advance() {
    woken.set(false);
    ticks.update();
    int rounds = 0;
    boolean more = true;
    while (more && rounds++ < ROUNDS_AT_ONCE) {
      more = step();
    }
    resumeTailWaiters();
    if (more) {
      wake(); // others on this loop have a turn first
    }
  }

  /** Sends one round; false at the end of the tail. */
  private boolean step() {
    if (live.count() == 0) {
      jump();
      return false;
    }
    if (!engine.tail().read(position, Round.CAPACITY, batches)) {
      outrun();
      return false;
    }
    if (batches.isEmpty()) {
      return false;
    }
    round.fill(batches, position, Long.MAX_VALUE);
    sent(live.deliver(round));
    position = round.last();
    second = Frame.seconds(round.heap(), round.start(round.count() - 1));
    return true;
  }

  /** This loop was away so long that its own place left the tail: everybody goes on alone. */
  private void outrun() {
    StreamStart.Log from = here();
    List<Follower> left = open.stream().filter(Follower::isLive).toList();
    left.forEach(follower -> follower.fallBehind(from));
    jump();
    left.forEach(Follower::resume);
  }

  private void jump() {
    StreamStart.Log end = end();
    position = end.after();
    second = end.since();
  }

  /** The place after the newest operation. */
  private StreamStart.Log end() {
    Tail.Place place = engine.tail().place();
    return new StreamStart.Log(place.sequence(), place.second());
  }

  /**
   * Resumes the follower when the group has gone on. Its place may lie ahead of the tail too:
   * readers of the store see it a bit sooner.
   */
  void awaitTail(Follower follower, long sequence) {
    tailWaiters.add(follower);
    if (sequence <= engine.tail().last()) {
      wake();
    }
  }

  private void resumeTailWaiters() {
    if (!tailWaiters.isEmpty()) {
      List<Follower> waiters = List.copyOf(tailWaiters);
      tailWaiters.clear();
      waiters.forEach(Follower::resume);
    }
  }

  /** What comes after a place that the group has passed; null when the tail no longer holds it. */
  @Nullable Round replay(long after) {
    if (after >= position || !engine.tail().read(after, Round.CAPACITY, batches)) {
      return null;
    }
    replay.fill(batches, after, position);
    return replay;
  }

  /** The group's own place. */
  StreamStart.Log here() {
    return new StreamStart.Log(position, second);
  }

  // ---- what followers use ----

  LiveFollowers live() {
    return live;
  }

  Ticks ticks() {
    return ticks;
  }

  /** Counts one that did not keep up. */
  void fellBehind() {
    fallen.setOpaque(fallen.getPlain() + 1);
  }

  void sent(int events) {
    sent.setOpaque(sent.getPlain() + events);
  }

  EventId id(long since, long sequence) {
    return new EventId(since, engine.incarnation(), sequence);
  }

  byte[] progressAt(StreamStart.Log place) {
    return ControlFrames.progress(id(place.since(), place.after()));
  }

  byte @Nullable [] progressAt(StreamStart place) {
    return switch (place) {
      case StreamStart.Log log -> progressAt(log);
      case StreamStart.States states -> ControlFrames.progress(id(states.second(), states.after()));
      case StreamStart.Reset reset -> null;
      case StreamStart.Live live -> null;
    };
  }

  /**
   * A direct buffer with as much of the bytes as goes into one write; valid until the next call.
   */
  ByteBuffer scratch(byte[] bytes, int from, int to) {
    return scratch.clear().put(bytes, from, Math.min(to - from, scratch.capacity())).flip();
  }

  /** A buffer to gather a follower's own frames in; valid until the next call. */
  ByteBuffer gather() {
    return gathered.clear();
  }

  /** How much a follower that is behind may hold: all of them together keep to a budget. */
  int pageBytes() {
    long budget = Math.min(PAGE_BUDGET, engine.pageBytes());
    long least = Math.clamp(budget / MIN_PAGES, MIN_PAGE, MAX_PAGE);
    return (int) Math.clamp(budget / Math.max(1, size.get() - live.count()), least, MAX_PAGE);
  }

  // ---- reading ----

  private interface Fetch {
    CatchUpStep get() throws StoreException;
  }

  void read(Follower follower, StreamStart next) {
    int bytes = pageBytes();
    fetch(
        follower,
        () -> engine.reader().read(next, follower.filter(), follower.tombstones(), bytes));
  }

  private void fetch(Follower follower, Fetch fetch) {
    try {
      engine.readers().execute(() -> hand(follower, fetch));
    } catch (RejectedExecutionException e) {
      follower.failed(); // the engine is closing
    }
  }

  private void hand(Follower follower, Fetch fetch) {
    CatchUpStep step;
    try {
      step = fetch.get();
      engine.readable();
    } catch (StoreException.Unavailable e) {
      engine.unavailable(e);
      execute(() -> fetchLater(follower, fetch));
      return;
    } catch (StoreException | RuntimeException e) {
      engine.unreadable(e);
      execute(follower::failed);
      return;
    }
    execute(() -> follower.arrived(step));
  }

  /**
   * The consumer stays, and hears heartbeats meanwhile: there is nothing that it could do better.
   */
  private void fetchLater(Follower follower, Fetch fetch) {
    long delay = ThreadLocalRandom.current().nextLong(RETRY_MILLIS / 2, RETRY_MILLIS);
    Future<?> _ =
        loop.schedule(
            () -> {
              if (!follower.isClosed()) {
                fetch(follower, fetch);
              }
            },
            delay,
            TimeUnit.MILLISECONDS);
  }

  private void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("An event loop has ended", e);
    }
  }

  /** Wakes the follower when the states have moved past the fold position it has seen. */
  void awaitFold(Follower follower, long past) {
    foldWaiters.add(follower);
    awaitingFold = true;
    if (engine.folded() > past) {
      wakeFoldWaiters();
    }
  }

  /** The states have moved. Any thread. */
  void foldMoved() {
    if (awaitingFold) {
      execute(this::wakeFoldWaiters);
    }
  }

  private void wakeFoldWaiters() {
    List<Follower> waiters = List.copyOf(foldWaiters);
    foldWaiters.clear();
    awaitingFold = false;
    waiters.forEach(Follower::foldMoved);
  }

  // ---- time ----

  private void startTicking() {
    if (!ticking) {
      ticking = true;
      Future<?> _ = loop.schedule(this::tick, ticks.nanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void tick() {
    ticking = false;
    if (size.get() > 0) {
      startTicking();
    }
    ticks.update();
    wheel.turn(ticks.now());
  }

  // ---- end ----

  void closed(Follower follower) {
    int _ = size.decrementAndGet();
    foldWaiters.remove(follower);
    tailWaiters.remove(follower);
    Follower moved = open.removeLast();
    if (moved != follower) {
      open.set(follower.openIndex, moved);
      moved.openIndex = follower.openIndex;
    }
  }

  void closedAsSlowOne() {
    slow.setOpaque(slow.getPlain() + 1);
  }
}
