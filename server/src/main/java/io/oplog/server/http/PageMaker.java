package io.oplog.server.http;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes pages on threads of their own, since that may block. All who wait for the same page get the
 * same one, begun after the last of them asked: however many ask, one thread makes it. Any thread.
 */
final class PageMaker {
  private static final Logger LOG = LoggerFactory.getLogger(PageMaker.class);

  private final Page.Source pages;

  /** Who waits for a page that a thread is about to make; a path is absent while none is at it. */
  private final Map<Page.Path, List<Consumer<Reply>>> waiting = new EnumMap<>(Page.Path.class);

  PageMaker(Page.Source pages) {
    this.pages = pages;
  }

  /**
   * Asks for a page.
   *
   * @param answer called once, by another thread
   */
  synchronized void request(Page.Path path, Consumer<Reply> answer) {
    List<Consumer<Reply>> present = waiting.get(path);
    if (present != null) {
      present.add(answer);
      return;
    }
    waiting.put(path, new ArrayList<>(List.of(answer)));
    Thread _ = Thread.startVirtualThread(() -> makeFor(path));
  }

  private void makeFor(Page.Path path) {
    for (List<Consumer<Reply>> next = take(path); !next.isEmpty(); next = take(path)) {
      Reply reply = make(path);
      next.forEach(answer -> answer.accept(reply));
    }
  }

  /** Those who wait now; the last take, of nobody, ends the thread's work. */
  private synchronized List<Consumer<Reply>> take(Page.Path path) {
    List<Consumer<Reply>> taken = waiting.getOrDefault(path, List.of());
    if (taken.isEmpty()) {
      waiting.remove(path);
    } else {
      waiting.put(path, new ArrayList<>());
    }
    return taken;
  }

  private Reply make(Page.Path path) {
    try {
      return Reply.page(pages.page(path));
    } catch (RuntimeException e) {
      LOG.error("The page {} could not be made", path.path(), e);
      return Reply.problem(500, "the page could not be made; the log says why");
    }
  }
}
