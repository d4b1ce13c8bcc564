package io.oplog.server.http;

import io.netty.buffer.ByteBuf;

/** A request for a page. */
final class PageExchange implements Exchange {
  private final HttpConnection connection;
  private final RequestHead head;
  private final PageMaker pages;
  private final Page.Path path;

  PageExchange(HttpConnection connection, RequestHead head, PageMaker pages, Page.Path path) {
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
      pages.request(path, answer::complete);
    }
  }

  @Override
  public void release() {
    // holds nothing
  }
}
