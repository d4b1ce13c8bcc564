package io.oplog.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PageMakerTest {
  private final Semaphore began = new Semaphore(0);
  private final Semaphore mayEnd = new Semaphore(0);
  private final AtomicInteger made = new AtomicInteger();
  private final PageMaker pages = new PageMaker(this::page);

  private Page page(Page.Path path) {
    int number = made.incrementAndGet();
    began.release();
    mayEnd.acquireUninterruptibly();
    if (path == Page.Path.METRICS) {
      throw new IllegalStateException("no metrics today");
    }
    return new Page(200 + number, "text/plain", new byte[0]);
  }

  private CompletableFuture<Reply> request(Page.Path path) {
    CompletableFuture<Reply> answer = new CompletableFuture<>();
    pages.request(path, answer::complete);
    return answer;
  }

  private static int status(CompletableFuture<Reply> answer) throws Exception {
    return answer.get(20, TimeUnit.SECONDS).status();
  }

  /** A page that was begun before somebody asked may be out of date for that one. */
  @Test
  void whoeverAsksWhileAPageIsMadeSharesTheNextOne() throws Exception {
    CompletableFuture<Reply> first = request(Page.Path.STATUS);
    began.acquire();
    List<CompletableFuture<Reply>> others = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      others.add(request(Page.Path.STATUS));
    }
    mayEnd.release(2);
    assertThat(status(first)).isEqualTo(201);
    for (CompletableFuture<Reply> other : others) {
      assertThat(status(other)).isEqualTo(202);
    }
    assertThat(made).hasValue(2);
  }

  @Test
  void aPageThatIsSlowHoldsNoOtherUp() throws Exception {
    CompletableFuture<Reply> slow = request(Page.Path.STATUS);
    began.acquire();
    CompletableFuture<Reply> other = request(Page.Path.HEALTH);
    began.acquire(); // both are at it
    mayEnd.release(2);
    assertThat(List.of(status(slow), status(other))).containsExactlyInAnyOrder(201, 202);
  }

  @Test
  void aPageThatFailsIs500AndTheNextIsTriedAnew() throws Exception {
    mayEnd.release(2);
    assertThat(status(request(Page.Path.METRICS))).isEqualTo(500);
    assertThat(status(request(Page.Path.METRICS))).isEqualTo(500);
    assertThat(made).hasValue(2);
  }
}
