/** What operators see: the status page and the metrics. */
@NullMarked
package io.oplog.server.metrics;

import org.jspecify.annotations.NullMarked;
