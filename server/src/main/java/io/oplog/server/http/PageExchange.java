package io.oplog.server.http;

import io.netty.buffer.ByteBuf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request for a page, which is made on a thread of its own since that may block. */
final class PageExchange implements Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(PageExchange.class);

  private final HttpConnection connection;
  private final RequestHead head;
  private final Page.Source pages;
  private final Page.Path path;

  PageExchange(HttpConnection connection, RequestHead head, Page.Source pages, Page.Path path) {
    this.connection = connection;
    this.head = head;
    this.pages = pages;
    this.path = path;
  }

  @Override
  public void content(ByteBuf piece, boolean last) {
    if (last) {
      Answer.Later answer = new Answer.Later(connection, head);
      connection.enqueue(answer);
      Thread _ = Thread.startVirtualThread(() -> answer.complete(make()));
    }
  }

  private Reply make() {
    try {
      return Reply.page(pages.page(path));
    } catch (RuntimeException e) {
      LOG.error("The page {} could not be made", path.path(), e);
      return Reply.problem(500, "the page could not be made; the log says why");
    }
  }

  @Override
  public void release() {
    // holds nothing
  }
}
